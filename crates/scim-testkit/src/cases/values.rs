//! What the placeholders of a case stand for.

use std::collections::BTreeMap;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use uuid::{Builder, Uuid};

use super::target::Target;

/// Everything but what RFC 3986 section 2.3 calls unreserved.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The values of one run of one case.
#[derive(Debug)]
pub(super) struct Values<'a> {
    pub(super) target: &'a Target,
    rand: String,
    uuid: Uuid,
    saved: BTreeMap<String, Value>,
}

impl<'a> Values<'a> {
    /// Fresh values for a run against `target`.
    pub(super) fn draw(target: &'a Target) -> Result<Self, String> {
        // The first and the last twelve digits are random; the ones between hold a version.
        let rand = fresh_uuid()?.simple().to_string().chars().take(12).collect();
        Ok(Self { target, rand, uuid: fresh_uuid()?, saved: BTreeMap::new() })
    }

    /// Keeps a representation under a name.
    pub(super) fn save(&mut self, name: &str, representation: Value) {
        self.saved.insert(name.to_owned(), representation);
    }

    /// The same values with another `${uuid}`, as each created user has its own.
    pub(super) fn with_fresh_uuid(&self) -> Result<Self, String> {
        Ok(Self {
            target: self.target,
            rand: self.rand.clone(),
            uuid: fresh_uuid()?,
            saved: self.saved.clone(),
        })
    }

    /// A member of a saved representation, as text.
    pub(super) fn member(&self, name: &str, member: &str) -> Result<String, String> {
        let saved = self.saved.get(name).ok_or_else(|| format!("nothing was saved as `{name}`"))?;
        match saved.get(member) {
            Some(Value::String(text)) => Ok(text.clone()),
            Some(other @ (Value::Number(_) | Value::Bool(_))) => Ok(other.to_string()),
            _ => Err(format!("`{name}` has no member `{member}`: {saved}")),
        }
    }

    /// Replaces the placeholders in every string of a JSON value; `${any}` stays.
    pub(super) fn fill(&self, value: &Value) -> Result<Value, String> {
        Ok(match value {
            Value::String(text) => Value::String(self.fill_text(text)?),
            Value::Array(elements) => {
                Value::Array(elements.iter().map(|element| self.fill(element)).collect::<Result<_, _>>()?)
            }
            Value::Object(members) => Value::Object(
                members
                    .iter()
                    .map(|(name, member)| Ok((self.fill_text(name)?, self.fill(member)?)))
                    .collect::<Result<_, String>>()?,
            ),
            Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
        })
    }

    /// Replaces the placeholders in a text.
    pub(super) fn fill_text(&self, text: &str) -> Result<String, String> {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, behind)) = rest.split_once("${") {
            let (placeholder, behind) =
                behind.split_once('}').ok_or_else(|| format!("a placeholder without end in `{text}`"))?;
            filled.push_str(before);
            filled.push_str(&self.placeholder(placeholder)?);
            rest = behind;
        }
        filled.push_str(rest);
        Ok(filled)
    }

    fn placeholder(&self, placeholder: &str) -> Result<String, String> {
        let mut parts = placeholder.split('|');
        let name = parts.next().unwrap_or_default();
        let mut text = match (name, name.split_once('.')) {
            ("any", _) => "${any}".to_owned(),
            ("token", _) => self.target.token.clone(),
            ("rand", _) => self.rand.clone(),
            ("uuid", _) => self.uuid.to_string(),
            ("region", _) => self.target.region(0)?.to_owned(),
            ("region2", _) => self.target.region(1)?.to_owned(),
            ("role", _) => self.target.role()?.to_owned(),
            ("role2", _) => self.target.role2()?.to_owned(),
            (_, Some((saved, member))) => self.member(saved, member)?,
            _ => return Err(format!("unknown placeholder `${{{placeholder}}}`")),
        };
        for change in parts {
            text = match change {
                "upper" => text.to_uppercase(),
                "url" => utf8_percent_encode(&text, RESERVED).to_string(),
                _ => return Err(format!("unknown change `|{change}` in `${{{placeholder}}}`")),
            };
        }
        Ok(text)
    }
}

fn fresh_uuid() -> Result<Uuid, String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(|error| format!("no random bytes: {error}"))?;
    Ok(Builder::from_random_bytes(bytes).into_uuid())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn target() -> Target {
        Target {
            address: ([127, 0, 0, 1], 1).into(),
            base_path: "/scim".to_owned(),
            token: "secret".to_owned(),
            roles: ["Admin", "One", "Two", "Three", "Guest"].map(String::from).to_vec(),
            regions: vec!["Bayern".to_owned()],
            teams: Vec::new(),
        }
    }

    #[test]
    fn placeholders_are_replaced_wherever_they_stand() {
        let target = target();
        let mut values = Values::draw(&target).unwrap();
        values.save("user", json!({ "id": "7", "userName": "lea+x@example.com", "active": true }));
        for (text, filled) in [
            ("Bearer ${token}", "Bearer secret"),
            ("${role}, ${role2}, ${region}", "One, Three, Bayern"),
            ("/Users/${user.id}?x=${user.userName|upper|url}", "/Users/7?x=LEA%2BX%40EXAMPLE.COM"),
            ("${user.active}", "true"),
            ("${any}", "${any}"),
            ("a $ b } {", "a $ b } {"),
        ] {
            assert_eq!(values.fill_text(text).unwrap(), filled);
        }
        let nested = json!({ "a": ["${user.id}", 1, null], "b": { "c": "${region}" } });
        assert_eq!(values.fill(&nested).unwrap(), json!({ "a": ["7", 1, null], "b": { "c": "Bayern" } }));
    }

    #[test]
    fn random_values_differ_between_runs_and_a_user_has_its_own_uuid() {
        let target = target();
        let (one, other) = (Values::draw(&target).unwrap(), Values::draw(&target).unwrap());
        let user = one.with_fresh_uuid().unwrap();
        let text = "${rand}";
        assert_ne!(one.fill_text(text), other.fill_text(text));
        assert_eq!(one.fill_text(text), user.fill_text(text));
        let rand = one.fill_text(text).unwrap();
        assert!(
            rand.len() == 12 && rand.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()),
            "{rand}"
        );
        assert_ne!(one.fill_text("${uuid}"), user.fill_text("${uuid}"));
        assert_eq!(one.fill_text("${uuid}"), one.fill_text("${uuid}"));
    }

    #[test]
    fn a_placeholder_that_stands_for_nothing_is_an_error() {
        let target = target();
        let values = Values::draw(&target).unwrap();
        for (text, why) in [
            ("${nobody}", "unknown placeholder `${nobody}`"),
            ("${user.id}", "nothing was saved as `user`"),
            ("${token|lower}", "unknown change `|lower`"),
            ("${token", "a placeholder without end"),
            ("${region2}", "the target has only 1 regions"),
        ] {
            let error = values.fill_text(text).unwrap_err();
            assert!(error.contains(why), "{error}");
        }
    }
}
