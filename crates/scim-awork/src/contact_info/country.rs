//! The country of an address as a code of two letters (A-55).

use super::countries::COUNTRIES;

/// Finds the code of a country, such as `DE` for `de` and for `Germany` (A-55).
///
/// Any two letters are taken for a code, but for `UK`, which is `GB`. Otherwise the English name of a country
/// is taken, in any case, with `and` as good as `&`.
///
/// # Examples
///
/// ```
/// use scim_awork::country_code;
///
/// assert_eq!(country_code("de").as_deref(), Some("DE"));
/// assert_eq!(country_code("Germany").as_deref(), Some("DE"));
/// assert_eq!(country_code("Entenhausen"), None);
/// ```
#[must_use]
pub fn country_code(sent: &str) -> Option<String> {
    let name = sent.trim().to_lowercase().replace(" and ", " & ");
    if let Ok(at) = COUNTRIES.binary_search_by_key(&name, |(known, _)| known.to_lowercase()) {
        return Some(COUNTRIES[at].1.to_owned());
    }
    let is_code = name.len() == 2 && name.bytes().all(|b| b.is_ascii_alphabetic());
    is_code.then(|| name.to_ascii_uppercase())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A-55: codes and plain English names, nothing else.
    #[test]
    fn codes_and_names() {
        for (sent, code) in [
            ("DE", "DE"),
            ("de", "DE"),
            (" at ", "AT"),
            ("XK", "XK"),
            ("UK", "GB"),
            ("us", "US"),
            ("Germany", "DE"),
            ("GERMANY", "DE"),
            ("United Kingdom", "GB"),
            ("United States of America", "US"),
            ("Trinidad and Tobago", "TT"),
            ("Bosnia & Herzegovina", "BA"),
            ("Czech Republic", "CZ"),
            ("Turkey", "TR"),
            ("TÜRKIYE", "TR"),
            ("Afghanistan", "AF"),
            ("åland islands", "AX"),
        ] {
            assert_eq!(country_code(sent).as_deref(), Some(code), "{sent}");
        }
        for sent in ["", "D", "DEU", "Deutschland", "D1", "--", "ü", "Germ", "276"] {
            assert_eq!(country_code(sent), None, "{sent}");
        }
    }

    /// A-55: the table is in order and has every country of ISO 3166-1.
    #[test]
    fn every_name_is_found() {
        assert!(COUNTRIES.is_sorted_by_key(|(name, _)| name.to_lowercase()));
        for (name, code) in COUNTRIES {
            assert_eq!(country_code(name).as_deref(), Some(*code));
        }
        let codes: std::collections::BTreeSet<_> = COUNTRIES.iter().map(|(_, code)| code).collect();
        assert_eq!(codes.len(), 249);
    }

    proptest! {
        #[test]
        fn any_text_gets_an_answer_that_is_stable(sent in prop_oneof![any::<String>(), "[A-Za-z]{0,3}"]) {
            if let Some(code) = country_code(&sent) {
                prop_assert!(code.len() == 2 && code.bytes().all(|b| b.is_ascii_uppercase()));
                prop_assert_eq!(country_code(&code), Some(code));
            }
        }
    }
}
