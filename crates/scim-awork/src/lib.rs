//! awork's SCIM extension, its mapping and its rules.
//!
//! Every rule is a pure function: it gets what a client sent and what the workspace has, and gives back a
//! decision, with a warning for the log where not all was taken as sent, or an [`AworkRefusal`] that says
//! what is wrong in the words of the identity provider's admin. The ids in brackets, such as D-52 or A-9,
//! are those of awork's domain specification; each is also in the name or the comment of a test.
//!
//! # Examples
//!
//! ```
//! use scim_awork::{GermanVariants, Language, Team, TeamCatalogue, normalise_language};
//!
//! assert_eq!(normalise_language("en-US", GermanVariants::AsEnglish), Some(Language::EnGb));
//!
//! let teams = TeamCatalogue::new([Team { name: "Design".into(), id: "1".into() }]);
//! let refusal = teams.find("Desgin").unwrap_err();
//! assert_eq!(refusal.status(), 400);
//! assert!(refusal.to_string().starts_with("teams: no team in awork is named `Desgin`"));
//! ```

mod absence_region;
mod account;
mod account_email;
mod attribute;
mod booking;
mod client_text;
pub mod command;
mod contact_info;
mod delivery;
mod event;
mod exact_name;
mod expectation;
mod integration;
mod jobs;
mod language;
pub mod log;
mod login_url;
mod logins;
mod mail_text;
pub mod person_data;
mod preconditions;
mod provider;
mod refusal;
mod registry;
mod role;
mod rules;
mod schema;
mod setup;
mod shown;
mod teams;
mod time_zone;
mod token;
mod warning;
mod workspace;

pub use absence_region::{AbsenceRegion, find_region, region_on_create, region_on_update};
pub use account::{Account, Membership, account_key, copy_account, login_key, write_login};
pub use account_email::{AccountEmail, EmailChange, change_account_email};
pub use attribute::Attribute;
pub use booking::{BOOKING_WINDOW, BookingWindow, Invoice};
pub use client_text::{OnEmpty, check_length, check_name, is_empty_text, on_empty};
pub use contact_info::{
    AddressSubtype, ContactInfo, ContactList, EmailSubtype, MessengerSubtype, PhoneSubtype, PostalAddress,
    contact_infos, country_code, follow_user_name, normalise_entries, normalise_primary, work_email,
};
pub use delivery::{ChangeListener, Changes, DELIVERIES, Deliveries, Delivery, LogDelivery};
#[cfg(feature = "smtp")]
pub use delivery::{SmtpDelivery, SmtpError, SmtpOptions};
pub use event::{Activation, AworkEvent, Changed, Mail, MailSubject, Operation};
pub use expectation::AworkExpectation;
pub use integration::{CLIENT_NAME, ClientApplication, Integration};
pub use jobs::AworkJobs;
pub use language::{GermanVariants, Language, language_on_create, language_on_update, normalise_language};
pub use login_url::login_url;
pub use logins::Logins;
pub use mail_text::{invoice_text, mail_text};
pub use preconditions::Preconditions;
pub use provider::Provider;
pub use refusal::{AdminLoss, AworkRefusal};
pub use registry::awork_registry;
pub use role::{
    Grants, Role, RoleDecision, default_role, find_listed_role, find_role, role_after_removal,
    role_on_create, role_on_update,
};
pub use rules::{AworkRules, PROVIDER_LABEL};
pub use schema::{ABSENCE_REGION, AWORK_USER_SCHEMA, AWORK_USER_URN, TEAMS, USER_ROLE};
pub use scim_core::RegistryError;
pub use setup::{PersonKind, PersonSetup, RoleKind, RoleSetup, SetupError, WorkspaceSetup};
pub use teams::{Team, TeamCatalogue};
pub use time_zone::{ZoneMatch, decide_time_zone, find_time_zone};
pub use token::{AworkToken, KeptToken, TOKEN_PREFIX, TokenLead};
pub use warning::{AworkWarning, Warned};
pub use workspace::{REGION_KIND, ROLE_KIND, TEAM_KIND, USER_KIND, Workspace, admins, seats};
