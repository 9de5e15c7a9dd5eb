//! A user's language: `de-DE` or `en-GB`, whatever tag was sent (D-52, A-1, A-2, A-3).

use std::fmt;

use serde::{Deserialize, Serialize};
use unic_langid::{LanguageIdentifier, subtags};

use crate::warning::{AworkWarning, Warned};

/// A language that awork speaks (D-52).
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
pub enum Language {
    /// German, `de-DE`.
    #[serde(rename = "de-DE")]
    DeDe,
    /// English, `en-GB`.
    #[serde(rename = "en-GB")]
    EnGb,
}

impl Language {
    /// Gives the tag, `de-DE` or `en-GB`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DeDe => "de-DE",
            Self::EnGb => "en-GB",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a German tag other than `de` and `de-DE` becomes (A-1).
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum GermanVariants {
    /// `de-AT` becomes `en-GB`: awork's documented rule.
    #[default]
    AsEnglish,
    /// `de-AT` becomes `de-DE`.
    AsGerman,
}

/// Finds the awork language for what a client sent; `None` if there is none (D-52, A-1, A-3).
///
/// The text is a tag such as `de-AT` or a list as in Accept-Language, `de-AT, de;q=0.9`. Case does not
/// matter and `_` counts as `-`. `de-DE`, `en-GB` and the bare `de` and `en` are matches; any other
/// well-formed tag that begins with `en-` or `de-` becomes `en-GB`. In a list the match with the highest
/// weight wins, the first one of equals; without a match the other tag with the highest weight does. Tags
/// of weight 0 are not wanted; a weight that cannot be read counts as the lowest.
///
/// # Examples
///
/// ```
/// use scim_awork::{GermanVariants, Language, normalise_language};
///
/// let language = |sent| normalise_language(sent, GermanVariants::default());
/// assert_eq!(language("de_DE"), Some(Language::DeDe));
/// assert_eq!(language("de-AT"), Some(Language::EnGb));
/// assert_eq!(language("de-AT, de;q=0.9"), Some(Language::DeDe));
/// assert_eq!(language("fr-FR"), None);
/// ```
#[must_use]
pub fn normalise_language(sent: &str, german: GermanVariants) -> Option<Language> {
    let mut best_match = None;
    let mut best_other = None;
    for item in sent.split(',') {
        let (tag, params) = item.split_once(';').unwrap_or((item, ""));
        let (Some(found), Some(weight)) = (classify(tag.trim()), weight(params)) else { continue };
        let (best, language) = match found {
            Found::Match(language) => (&mut best_match, language),
            Found::OtherGerman if german == GermanVariants::AsGerman => (&mut best_other, Language::DeDe),
            Found::OtherGerman | Found::OtherEnglish => (&mut best_other, Language::EnGb),
        };
        if best.is_none_or(|(heaviest, _)| weight > heaviest) {
            *best = Some((weight, language));
        }
    }
    best_match.or(best_other).map(|(_, language)| language)
}

/// Decides the language of a new user (A-2).
///
/// A language that is absent or not supported falls back to the workspace's, and to `en-GB` if that is
/// not supported either; for one that was sent the decision carries a warning.
#[must_use]
pub fn language_on_create(sent: Option<&str>, workspace: &str, german: GermanVariants) -> Warned<Language> {
    let fallback = || normalise_language(workspace, german).unwrap_or(Language::EnGb);
    let Some(sent) = sent else { return Warned::quiet(fallback()) };
    normalise_language(sent, german).map_or_else(
        || {
            let used = fallback();
            Warned::with(used, AworkWarning::UnsupportedLanguage { sent: sent.to_owned(), used: Some(used) })
        },
        Warned::quiet,
    )
}

/// Decides the language of an existing user; `None` leaves it as it is (A-2, A-39).
#[must_use]
pub fn language_on_update(sent: &str, german: GermanVariants) -> Warned<Option<Language>> {
    match normalise_language(sent, german) {
        Some(language) => Warned::quiet(Some(language)),
        None => Warned::with(None, AworkWarning::UnsupportedLanguage { sent: sent.to_owned(), used: None }),
    }
}

/// A tag that has a place in awork.
enum Found {
    /// `de-DE`, `en-GB` or a bare `de`, `en`.
    Match(Language),
    OtherGerman,
    OtherEnglish,
}

fn classify(tag: &str) -> Option<Found> {
    let mut parts = tag.split(['-', '_']);
    let language = subtags::Language::from_bytes(parts.next()?.as_bytes()).ok()?;
    let (ours, other) = match language.as_str() {
        "de" => (Language::DeDe, Found::OtherGerman),
        "en" => (Language::EnGb, Found::OtherEnglish),
        _ => return None,
    };
    let Some(second) = parts.next() else { return Some(Found::Match(ours)) };
    // unic-langid refuses what RFC 5646 allows after the region (extensions, private use) and the common
    // `en-USA`; all of them begin with `de-` or `en-`.
    let well_formed =
        |part: &str| (1..=8).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_alphanumeric());
    if !well_formed(second) || !parts.all(well_formed) {
        return None;
    }
    let is_ours = tag.parse::<LanguageIdentifier>().is_ok_and(|id| Ok(id) == ours.as_str().parse());
    Some(if is_ours { Found::Match(ours) } else { other })
}

/// Reads `q` in thousandths; `None` is a weight of 0, "not wanted" (RFC 9110 section 12.4.2).
fn weight(params: &str) -> Option<u16> {
    let q = params.split(';').find_map(|param| {
        let (name, value) = param.split_once('=')?;
        name.trim().eq_ignore_ascii_case("q").then_some(value.trim())
    });
    match q.map(thousandths) {
        None => Some(1000),
        Some(Some(0)) => None,
        Some(Some(weight)) => Some(weight),
        Some(None) => Some(0),
    }
}

/// Reads a weight of RFC 9110: 0 to 1 with at most three decimals.
fn thousandths(text: &str) -> Option<u16> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    if decimals.len() > 3 || !decimals.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let part: u16 = format!("{decimals:0<3}").parse().ok()?;
    match whole {
        "0" => Some(part),
        "1" if part == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DE: Option<Language> = Some(Language::DeDe);
    const EN: Option<Language> = Some(Language::EnGb);

    #[track_caller]
    fn becomes(sent: &str, language: Option<Language>) {
        assert_eq!(normalise_language(sent, GermanVariants::AsEnglish), language, "{sent:?}");
    }

    /// D-52, A-1: the two as they are, bare ones, and every other variant to en-GB.
    #[test]
    fn one_tag() {
        for sent in ["de-DE", "de_DE", "DE-de", "dE_De", "de", "DE", " de-DE "] {
            becomes(sent, DE);
        }
        for sent in ["en-GB", "en_gb", "EN-GB", "en", "EN", "en-US", "en-AU", "en-USA", "en-001", "en-GB-oed"]
        {
            becomes(sent, EN);
        }
        for sent in ["de-AT", "de-CH", "de-Latn-DE", "de-DE-1996", "de-DE-u-co-phonebk", "de-x-y", "de-276"] {
            becomes(sent, EN);
        }
    }

    /// A-2: no supported language in it.
    #[test]
    fn unsupported_text() {
        for sent in
            ["", " ", "fr-FR", "xx", "x-de", "deu", "ger", "deutsch", "und", "de-", "-de", "de--DE", "_"]
        {
            becomes(sent, None);
        }
        for sent in
            ["*", "de DE", "de-DE.UTF-8", "de-waytoolong1", "en-ü", "english", "nds-DE", "d", "e-n", "\0de"]
        {
            becomes(sent, None);
        }
    }

    /// A-3: sorted by weight, first match wins, else the first other tag.
    #[test]
    fn a_list_with_weights() {
        becomes("de-AT, de;q=0.9", DE);
        becomes("de-AT,de;q=0.9,en;q=0.8", DE);
        becomes("en;q=0.8, de;q=0.9", DE);
        becomes("de;q=0.8, en;q=0.9", EN);
        becomes("en, de", EN);
        becomes("de, en", DE);
        becomes("de;q=0.5, en;q=0.5", DE);
        becomes("fr-FR, de-CH;q=0.9, *;q=0.5", EN);
        becomes("fr-FR, es;q=0.9, *", None);
        becomes("de;q=0, en;q=0.1", EN);
        becomes("de;q=0.000", None);
        becomes("DE_de ; Q=0.9 ,, en;q=0.91", EN);
        becomes("de;level=1;q=0.4, en;q=0.3", DE);
        becomes("en;q=0.001, de;q=1.000", DE);
    }

    /// A-3: a weight that cannot be read counts as the lowest.
    #[test]
    fn broken_weights_come_last() {
        for q in ["abc", "", "2", "1.5", "-1", "0.1234", "1.001", "+0.5", "00.5", "0.1x", "NaN"] {
            becomes(&format!("de;q={q}"), DE);
            becomes(&format!("de;q={q}, en;q=0.001"), EN);
        }
        becomes("de;q=0.5;q=0.9, en;q=0.6", EN);
        becomes("de;q=.5, en;q=0.4", EN);
        becomes("de;q=0., en;q=0.1", EN);
    }

    /// A-1: the switch for German variants.
    #[test]
    fn german_variants_as_german() {
        let german = |sent| normalise_language(sent, GermanVariants::AsGerman);
        assert_eq!(german("de-AT"), DE);
        assert_eq!(german("de-CH, en-US"), DE);
        assert_eq!(german("en-US, de-CH"), EN);
        assert_eq!(german("en-AU"), EN);
        assert_eq!(german("fr"), None);
    }

    /// A-2, A-39: new users get the workspace's language, existing ones keep theirs; both with a warning.
    #[test]
    fn fallbacks() {
        let warned = |used| Some(AworkWarning::UnsupportedLanguage { sent: "fr-FR".into(), used });
        let create = |sent, workspace| language_on_create(sent, workspace, GermanVariants::AsEnglish);
        assert_eq!(create(Some("de-DE"), "en-GB"), Warned::quiet(Language::DeDe));
        assert_eq!(create(None, "de-DE"), Warned::quiet(Language::DeDe));
        assert_eq!(create(None, "fr-FR"), Warned::quiet(Language::EnGb));
        let used = create(Some("fr-FR"), "de-DE");
        assert_eq!((used.value, used.warning), (Language::DeDe, warned(Some(Language::DeDe))));
        let used = create(Some("fr-FR"), "pl-PL");
        assert_eq!((used.value, used.warning), (Language::EnGb, warned(Some(Language::EnGb))));

        let update = |sent| language_on_update(sent, GermanVariants::AsEnglish);
        assert_eq!(update("de-AT"), Warned::quiet(EN));
        let kept = update("fr-FR");
        assert_eq!((kept.value, kept.warning), (None, warned(None)));
        assert_eq!(update("").value, None);
        assert_eq!(language_on_update("de-AT", GermanVariants::AsGerman), Warned::quiet(DE));
    }

    #[test]
    fn serde_uses_the_tag() {
        for language in [Language::DeDe, Language::EnGb] {
            assert_eq!(serde_json::to_value(language).unwrap(), language.to_string());
        }
        assert_eq!(serde_json::from_str::<Language>("\"de-DE\"").unwrap(), Language::DeDe);
    }

    proptest! {
        #[test]
        fn any_text_gets_an_answer_and_normalising_is_idempotent(
            sent in prop_oneof![any::<String>(), "[dDeEnN_,;q=01.*xAT -]{0,40}"],
            as_german: bool,
        ) {
            let german = if as_german { GermanVariants::AsGerman } else { GermanVariants::AsEnglish };
            if let Some(language) = normalise_language(&sent, german) {
                prop_assert_eq!(normalise_language(language.as_str(), german), Some(language));
            }
        }
    }
}
