//! What leaves the server: e-mails and invoices, by SMTP or into the log.

use clap::Args as ClapArgs;
use scim_awork::{Delivery, Invoice, LogDelivery, Mail, SmtpDelivery, SmtpError, SmtpOptions};
use scim_engine::outbox::DeliveryError;

/// Where e-mails go; without an SMTP server they go into the log.
#[derive(Debug, Default, ClapArgs)]
pub(crate) struct MailArgs {
    /// The SMTP server, such as `smtps://user:password@mail.example.com`. In the environment a password is
    /// not seen by other users.
    #[arg(long, value_name = "URL", env = "AWORK_SMTP_URL", hide_env_values = true, requires = "mail_from")]
    smtp_url: Option<String>,
    /// The sender of e-mails, such as `awork <no-reply@example.com>`.
    #[arg(long, value_name = "ADDRESS")]
    mail_from: Option<String>,
    /// Who makes out invoices for seats that provisioning books; without it they go into the log.
    #[arg(long, value_name = "ADDRESS")]
    invoices_to: Option<String>,
}

/// Where e-mails and invoices go.
#[derive(Debug)]
pub enum Outgoing {
    /// Into the log.
    Log(LogDelivery),
    /// To an SMTP server.
    Smtp(Box<SmtpDelivery>),
}

impl MailArgs {
    pub(crate) fn outgoing(self) -> Result<Outgoing, SmtpError> {
        let (Some(url), Some(sender)) = (self.smtp_url, self.mail_from) else {
            return Ok(Outgoing::Log(LogDelivery));
        };
        let options = SmtpOptions { url, sender, invoices_to: self.invoices_to };
        Ok(Outgoing::Smtp(Box::new(SmtpDelivery::new(&options)?)))
    }
}

impl Delivery for Outgoing {
    async fn mail(&self, mail: &Mail, id: &str) -> Result<(), DeliveryError> {
        match self {
            Self::Log(log) => log.mail(mail, id).await,
            Self::Smtp(smtp) => smtp.mail(mail, id).await,
        }
    }

    async fn invoice(&self, invoice: &Invoice, id: &str) -> Result<(), DeliveryError> {
        match self {
            Self::Log(log) => log.invoice(invoice, id).await,
            Self::Smtp(smtp) => smtp.invoice(invoice, id).await,
        }
    }
}
