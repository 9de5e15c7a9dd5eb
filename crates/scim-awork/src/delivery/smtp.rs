//! E-mails by SMTP.

use std::time::Duration;

use lettre::address::AddressError;
use lettre::message::header::ContentType;
use lettre::message::{Mailbox, Message as Email};
use lettre::transport::smtp;
use lettre::{AsyncSmtpTransport, AsyncTransport, Tokio1Executor};
use scim_engine::outbox::DeliveryError;

use super::{Delivery, LogDelivery};
use crate::booking::Invoice;
use crate::event::Mail;
use crate::mail_text::{invoice_text, mail_text};

/// How long the server may take for each step.
const TIMEOUT: Duration = Duration::from_secs(10);

/// The longest name, in characters, that stands beside an address.
const LONGEST_NAME: usize = 70;

/// Where e-mails go.
#[derive(Clone, Debug)]
pub struct SmtpOptions {
    /// The server, such as `smtps://user:password@mail.example.com` or `smtp://localhost:25`;
    /// `?tls=required` asks for STARTTLS.
    pub url: String,
    /// The sender, such as `awork <no-reply@example.com>`.
    pub sender: String,
    /// Who makes out invoices; without one they are only logged.
    pub invoices_to: Option<String>,
}

/// Why e-mails cannot be sent.
#[derive(Debug, thiserror::Error)]
pub enum SmtpError {
    /// The URL names no server.
    #[error("the SMTP URL cannot be used: {0}")]
    Url(String),
    /// An address is none.
    #[error("`{0}` is no e-mail address: {1}")]
    Address(String, AddressError),
}

/// Sends e-mails by SMTP, each over a connection of its own.
#[derive(Debug)]
pub struct SmtpDelivery {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    sender: Mailbox,
    invoices_to: Option<Mailbox>,
}

impl SmtpDelivery {
    /// Reads the options; no connection is made yet.
    ///
    /// # Errors
    ///
    /// Returns an [`SmtpError`] when they cannot be used.
    pub fn new(options: &SmtpOptions) -> Result<Self, SmtpError> {
        // The error may quote the URL, which holds a password.
        let transport = AsyncSmtpTransport::<Tokio1Executor>::from_url(&options.url)
            .map_err(|_| SmtpError::Url("write smtp://HOST:PORT or smtps://USER:PASSWORD@HOST".to_owned()))?
            .timeout(Some(TIMEOUT))
            .build();
        let address = |text: &str| text.parse().map_err(|error| SmtpError::Address(text.to_owned(), error));
        Ok(Self {
            transport,
            sender: address(&options.sender)?,
            invoices_to: options.invoices_to.as_deref().map(address).transpose()?,
        })
    }

    async fn send(&self, to: Mailbox, subject: &str, text: String, id: &str) -> Result<(), DeliveryError> {
        let email = Email::builder()
            .from(self.sender.clone())
            .to(to)
            .subject(subject)
            .message_id(Some(self.message_id(id)))
            .header(ContentType::TEXT_PLAIN)
            .body(text)
            .map_err(|error| DeliveryError::Never(error.to_string()))?;
        match self.transport.send(email).await {
            Ok(_) => Ok(()),
            Err(error) => Err(failure(&error)),
        }
    }

    /// The same for a repeat, so that who gets it twice can tell.
    fn message_id(&self, id: &str) -> String {
        let local: String =
            id.chars().map(|c| if c.is_ascii_alphanumeric() || c == '-' { c } else { '.' }).collect();
        format!("<{local}@{}>", self.sender.email.domain())
    }
}

/// What the server refuses for good, and what cannot be sent to it at all, is not tried again.
fn failure(error: &smtp::Error) -> DeliveryError {
    let said = match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    };
    if error.is_permanent() || error.is_client() {
        DeliveryError::Never(said)
    } else {
        DeliveryError::Later(said)
    }
}

impl Delivery for SmtpDelivery {
    async fn mail(&self, mail: &Mail, id: &str) -> Result<(), DeliveryError> {
        let address =
            mail.to.parse().map_err(|error: AddressError| DeliveryError::Never(error.to_string()))?;
        let (subject, text) = mail_text(mail);
        // A line of the head has an end, and a name need not.
        let name = Some(mail.given_name.clone()).filter(|name| name.chars().count() <= LONGEST_NAME);
        self.send(Mailbox::new(name, address), &subject, text, id).await
    }

    async fn invoice(&self, invoice: &Invoice, id: &str) -> Result<(), DeliveryError> {
        let Some(to) = &self.invoices_to else { return LogDelivery.invoice(invoice, id).await };
        let (subject, text) = invoice_text(invoice);
        self.send(to.clone(), &subject, text, id).await
    }
}
