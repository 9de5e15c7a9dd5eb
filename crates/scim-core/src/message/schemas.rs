//! The `schemas` of a message, which say what it is.

/// Defines a type that prints as the URI of one message, and reads only lists that name it.
macro_rules! message_schemas {
    ($name:ident, $urn:expr) => {
        #[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
        pub(crate) struct $name;

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_seq([$urn])
            }
        }

        impl<'de> serde::Deserialize<'de> for $name {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let uris = <Vec<String> as serde::Deserialize>::deserialize(deserializer)?;
                if uris.iter().any(|uri| uri.eq_ignore_ascii_case($urn)) {
                    Ok(Self)
                } else {
                    Err(serde::de::Error::custom(concat!("`schemas` does not name the message ", $urn)))
                }
            }
        }
    };
}

message_schemas!(ListSchemas, "urn:ietf:params:scim:api:messages:2.0:ListResponse");
message_schemas!(ErrorSchemas, "urn:ietf:params:scim:api:messages:2.0:Error");
message_schemas!(BulkRequestSchemas, "urn:ietf:params:scim:api:messages:2.0:BulkRequest");
message_schemas!(BulkResponseSchemas, "urn:ietf:params:scim:api:messages:2.0:BulkResponse");

/// A status code, which messages print as a string (7644-3.12-02, 7644-3.7-09).
pub(crate) mod status {
    use serde::{Deserialize, Deserializer, Serializer};

    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Status {
        Text(String),
        Number(u16),
    }

    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it like this")]
    pub(crate) fn serialize<S: Serializer>(status: &u16, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(status)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u16, D::Error> {
        match Status::deserialize(deserializer)? {
            Status::Text(text) => text.parse().map_err(serde::de::Error::custom),
            Status::Number(number) => Ok(number),
        }
    }
}
