//! Contact infos: what `emails`, `phoneNumbers`, `addresses` and `ims` are in awork (D-54 to D-57, A-35).
//!
//! The SCIM entries are kept as they were sent, and shown so; [`normalise_entries`] is all that is done to
//! them. awork's view of them is computed by [`contact_infos`], and loses what awork has no place for: a type
//! it does not know becomes `other`, a pager too.

mod countries;
mod country;
mod entries;
mod mirror;

pub use country::country_code;
pub use entries::{ContactList, follow_user_name, normalise_entries, normalise_primary, work_email};
pub use mirror::contact_infos;

/// One way to reach a user, as awork keeps it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum ContactInfo {
    /// A telephone number.
    Phone {
        /// Which one.
        subtype: PhoneSubtype,
        /// The number as sent.
        number: String,
    },
    /// A contact e-mail, which is not the account e-mail (D-56).
    Email {
        /// Which one.
        subtype: EmailSubtype,
        /// The e-mail address as sent.
        address: String,
        /// The user's primary e-mail (D-55).
        primary: bool,
    },
    /// A postal address.
    Address {
        /// Which one.
        subtype: AddressSubtype,
        /// Its parts.
        address: PostalAddress,
    },
    /// A messenger.
    Messenger {
        /// Which one.
        subtype: MessengerSubtype,
        /// The name or number there.
        handle: String,
    },
}

/// A postal address, as awork keeps it. What was not sent is `None`.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PostalAddress {
    /// First line of the street address.
    pub address_line1: Option<String>,
    /// The other lines of the street address, joined by `, `.
    pub address_line2: Option<String>,
    /// Postal code.
    pub zip_code: Option<String>,
    /// City.
    pub city: Option<String>,
    /// State or region.
    pub state: Option<String>,
    /// Country, as a code of two capital letters.
    pub country: Option<String>,
}

/// Declares a subtype with awork's name and the SCIM `type` of each case (D-57).
macro_rules! subtype {
    (
        $(#[$doc:meta])* $name:ident, $other:ident {
            $($case:ident: $awork:literal <- $scim:literal $(| $also:literal)?;)*
        }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        pub enum $name {
            $(#[doc = concat!("awork's `", $awork, "`.")] $case,)*
        }

        impl $name {
            /// Gives the subtype of a SCIM `type`, in any case; types unknown to awork become `other` (D-57).
            #[must_use]
            pub fn from_scim(kind: &str) -> Self {
                match kind.to_ascii_lowercase().as_str() {
                    $($scim $(| $also)? => Self::$case,)*
                    _ => Self::$other,
                }
            }

            /// Gives the SCIM `type` that stands for the subtype.
            #[must_use]
            pub const fn scim_type(self) -> &'static str {
                match self {
                    $(Self::$case => $scim,)*
                }
            }

            /// Gives awork's name of the subtype.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$case => $awork,)*
                }
            }
        }
    };
}

subtype! {
    /// What kind of telephone number it is.
    PhoneSubtype, Other {
        Work: "work" <- "work";
        Mobile: "mobile" <- "mobile";
        Home: "home" <- "home";
        Fax: "fax" <- "fax";
        WorkFax: "work Fax" <- "work fax";
        Other: "other" <- "other" | "pager";
    }
}

subtype! {
    /// What kind of contact e-mail it is.
    EmailSubtype, Other {
        Work: "work" <- "work";
        Private: "private" <- "home";
        Other: "other" <- "other";
    }
}

subtype! {
    /// What kind of postal address it is.
    AddressSubtype, Other {
        Work: "work" <- "work";
        Home: "home" <- "home";
        Other: "other" <- "other";
    }
}

subtype! {
    /// Which messenger it is.
    MessengerSubtype, Other {
        Skype: "skype" <- "skype";
        Whatsapp: "whatsapp" <- "whatsapp";
        Other: "other" <- "other";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// D-57: the types of phones and e-mails; what is not known is `other`.
    #[test]
    fn types_of_phones_and_emails() {
        for (scim, awork) in [
            ("work", "work"),
            ("home", "home"),
            ("mobile", "mobile"),
            ("fax", "fax"),
            ("Work Fax", "work Fax"),
            ("pager", "other"),
            ("other", "other"),
            ("satellite", "other"),
            ("MOBILE", "mobile"),
        ] {
            assert_eq!(PhoneSubtype::from_scim(scim).as_str(), awork, "{scim}");
        }
        for (scim, awork) in
            [("work", "work"), ("Home", "private"), ("other", "other"), ("private", "other"), ("", "other")]
        {
            assert_eq!(EmailSubtype::from_scim(scim).as_str(), awork, "{scim}");
        }
    }

    /// D-57, A-35: the types of addresses and messengers.
    #[test]
    fn types_of_addresses_and_messengers() {
        for (scim, awork) in [("work", "work"), ("HOME", "home"), ("other", "other"), ("summer", "other")] {
            assert_eq!(AddressSubtype::from_scim(scim).as_str(), awork, "{scim}");
        }
        for (scim, awork) in
            [("skype", "skype"), ("WhatsApp", "whatsapp"), ("xmpp", "other"), ("other", "other")]
        {
            assert_eq!(MessengerSubtype::from_scim(scim).as_str(), awork, "{scim}");
        }
    }
}
