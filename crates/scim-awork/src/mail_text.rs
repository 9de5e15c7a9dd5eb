//! What e-mails say, in German and English.

use chrono::{DateTime, SecondsFormat, Utc};

use crate::booking::Invoice;
use crate::event::{Mail, MailSubject};
use crate::language::Language;
use crate::login_url::login_url;

/// Subject and text of an e-mail to a person.
#[must_use]
pub fn mail_text(mail: &Mail) -> (String, String) {
    let Mail { subject: MailSubject::Reactivated, given_name, workspace, .. } = mail;
    let login = login_url(None);
    match mail.language {
        Language::DeDe => (
            format!("Dein awork-Zugang zu {workspace} ist wieder aktiv"),
            format!(
                "Hallo {given_name},\n\ndein Zugang zum Workspace {workspace} in awork wurde wieder aktiviert. \
                 Du kannst dich ab sofort wie gewohnt anmelden:\n\n{login}\n"
            ),
        ),
        Language::EnGb => (
            format!("Your awork access to {workspace} is active again"),
            format!(
                "Hello {given_name},\n\nyour access to the workspace {workspace} in awork has been reactivated. \
                 You can sign in again as usual:\n\n{login}\n"
            ),
        ),
    }
}

/// Subject and text of the order to make out an invoice.
#[must_use]
pub fn invoice_text(invoice: &Invoice) -> (String, String) {
    let time = |millis| {
        let time: Option<DateTime<Utc>> = DateTime::from_timestamp_millis(millis);
        time.map(|time| time.to_rfc3339_opts(SecondsFormat::Secs, true)).unwrap_or_default()
    };
    let Invoice { id, workspace, seats, from, until } = invoice;
    (
        format!("Invoice {id}: {seats} seats for {workspace}"),
        format!(
            "Invoice: {id}\nWorkspace: {workspace}\nSeats booked by provisioning: {seats}\nFrom: {}\nUntil: {}\n",
            time(*from),
            time(*until)
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// D-31: the e-mail says in the person's language what has happened, and where to sign in.
    #[test]
    fn texts() {
        let mail = |language| Mail {
            subject: MailSubject::Reactivated,
            to: "lea@w.example".into(),
            given_name: "Lea".into(),
            language,
            workspace: "w".into(),
        };
        for (language, subject, word) in [
            (Language::DeDe, "Dein awork-Zugang zu w ist wieder aktiv", "Hallo Lea"),
            (Language::EnGb, "Your awork access to w is active again", "Hello Lea"),
        ] {
            let (said, text) = mail_text(&mail(language));
            assert_eq!(said, subject);
            assert!(text.starts_with(word) && text.contains("https://app.awork.com/login"), "{text}");
        }
    }

    /// D-26: the order says how many seats, of whom, and for which half hour.
    #[test]
    fn orders() {
        let invoice =
            Invoice { id: "w-0".into(), workspace: "w".into(), seats: 3, from: 0, until: 1_800_000 };
        let (subject, text) = invoice_text(&invoice);
        assert_eq!(subject, "Invoice w-0: 3 seats for w");
        assert!(text.contains("From: 1970-01-01T00:00:00Z\nUntil: 1970-01-01T00:30:00Z"), "{text}");
    }
}
