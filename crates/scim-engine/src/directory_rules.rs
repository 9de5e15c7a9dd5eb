//! The rules of a plain directory, with the checks that the standard leaves to the server.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use scim_core::{Document, Problem, ScimType};
use serde_json::Value;

use crate::facts::Facts;
use crate::plain;
use crate::rules::{Change, Rules, Step};

/// The rules of [`PlainRules`](crate::PlainRules), with switches; all are off by default.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct DirectoryRules {
    /// Whether a country must be a code of ISO 3166-1 alpha-2, in either case (7643-4.1.2-02).
    pub checks_countries: bool,
    /// Whether a certificate must be exactly one DER value (7643-4.1.2-05).
    pub checks_certificates: bool,
    /// Whether a manager may be named who is not there (7643-2.3.7-03). Members must be there in any case.
    pub accepts_unknown_managers: bool,
}

impl Rules for DirectoryRules {
    fn decide(&self, change: &Change<'_>, facts: &Facts) -> Step {
        if let Some(problem) = self.unfit(change) {
            return Step::Refuse(problem);
        }
        plain::decide(change, facts, self.accepts_unknown_managers)
    }
}

impl DirectoryRules {
    /// What the checks have against a value that is new; what is stored already stays.
    fn unfit(&self, change: &Change<'_>) -> Option<Problem> {
        let wanted = &change.action.desired()?.document;
        let stored = change.action.current().map(|record| &record.document);
        let new = |name: &str| {
            let value = wanted.get(None, name)?;
            (stored.and_then(|stored: &Document| stored.get(None, name)) != Some(value)).then_some(value)
        };
        if self.checks_countries
            && let Some(country) = parts(new("addresses"), "country").find(|country| !is_country(country))
        {
            let shown: String = country.chars().filter(|c| !c.is_control()).take(64).collect();
            let message = format!("`addresses.country` is `{shown}`: send a code of ISO 3166-1 such as `DE`");
            return Some(Problem::bad_request(ScimType::InvalidValue, message));
        }
        if self.checks_certificates
            && !parts(new("x509Certificates"), "value")
                .all(|value| STANDARD.decode(value).is_ok_and(|der| is_one_der_value(&der)))
        {
            let message =
                "`x509Certificates.value` must be one certificate in DER: send others as values of their own";
            return Some(Problem::bad_request(ScimType::InvalidValue, message));
        }
        None
    }
}

/// The texts of a part of each element.
fn parts<'v>(list: Option<&'v Value>, part: &'static str) -> impl Iterator<Item = &'v str> {
    let elements = list.and_then(Value::as_array).into_iter().flatten();
    elements.filter_map(move |element| element.get(part)?.as_str())
}

/// Whether the bytes are one ASN.1 sequence, from the first byte to the last.
fn is_one_der_value(der: &[u8]) -> bool {
    let [0x30, first, rest @ ..] = der else { return false };
    if *first < 0x80 {
        return rest.len() == usize::from(*first);
    }
    let count = usize::from(*first & 0x7f);
    let Some((length, content)) = rest.split_at_checked(count) else { return false };
    // DER writes lengths in as few bytes as there can be.
    let shortest = match length {
        [] | [0, ..] => false,
        [one] => *one >= 0x80,
        more => more.len() <= 4,
    };
    shortest && content.len() == length.iter().fold(0, |sum, byte| sum << 8 | usize::from(*byte))
}

fn is_country(code: &str) -> bool {
    let code = code.to_ascii_uppercase();
    code.len() == 2 && COUNTRIES.split(' ').any(|known| known == code)
}

/// The officially assigned codes of ISO 3166-1.
const COUNTRIES: &str = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ \
     BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER \
     ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM \
     IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF \
     MG MH MK ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK \
     PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD \
     TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW";

#[cfg(test)]
mod tests {
    use super::*;

    /// 7643-4.1.2-02.
    #[test]
    fn countries() {
        assert_eq!(COUNTRIES.split(' ').count(), 249);
        for (code, known) in [
            ("DE", true),
            ("us", true),
            ("USA", false),
            ("XX", false),
            ("", false),
            ("D", false),
            ("Germany", false),
        ] {
            assert_eq!(is_country(code), known, "{code}");
        }
    }

    /// 7643-4.1.2-05: one value, whole, with a length as DER writes it.
    #[test]
    fn der_values() {
        let long = |length: &[u8], content: usize| [&[0x30], length, &vec![5; content]].concat();
        for (der, one) in [
            (vec![0x30, 0], true),
            (vec![0x30, 2, 5, 0], true),
            (vec![0x30, 2, 5, 0, 0x30, 2, 5, 0], false),
            (vec![0x30, 2, 5], false),
            (vec![0x31, 0], false),
            (vec![0x30], false),
            (vec![], false),
            (long(&[0x81, 200], 200), true),
            (long(&[0x81, 100], 100), false),
            (long(&[0x82, 1, 0], 256), true),
            (long(&[0x82, 0, 200], 200), false),
            (long(&[0x80], 0), false),
            (long(&[0xff], 3), false),
            (long(&[0x84, 0xff, 0xff, 0xff, 0xff], 3), false),
        ] {
            assert_eq!(is_one_der_value(&der), one, "{:?}", &der[..der.len().min(8)]);
        }
    }
}
