//! How e-mails and invoices leave awork, and who hears of changes.

#[cfg(feature = "smtp")]
mod smtp;

use std::future::Future;

use scim_engine::outbox::{Consumer, DeliveryError, Message, Sequence};
use scim_engine::store::TenantId;

#[cfg(feature = "smtp")]
pub use smtp::{SmtpDelivery, SmtpError, SmtpOptions};

use crate::booking::Invoice;
use crate::event::{AworkEvent, Changed, Mail};

/// Takes e-mails and invoices out of awork.
///
/// Each comes at least once, with an id of its own that a repeat has too.
pub trait Delivery: Send + Sync + 'static {
    /// Sends an e-mail.
    ///
    /// # Errors
    ///
    /// Returns a [`DeliveryError`] when it was not sent.
    fn mail(&self, mail: &Mail, id: &str) -> impl Future<Output = Result<(), DeliveryError>> + Send;

    /// Hands an invoice to those who make it out.
    ///
    /// # Errors
    ///
    /// Returns a [`DeliveryError`] when it was not handed over.
    fn invoice(&self, invoice: &Invoice, id: &str) -> impl Future<Output = Result<(), DeliveryError>> + Send;
}

/// Gives a [`Delivery`] what the outbox has for it; what fails holds nothing else back.
#[derive(Clone, Debug)]
pub struct Deliveries<D>(pub D);

impl<D: Delivery> Consumer for Deliveries<D> {
    fn name(&self) -> &'static str {
        "deliveries"
    }

    fn sequence(&self) -> Sequence {
        Sequence::Single
    }

    async fn deliver(&self, message: &Message<'_>) -> Result<(), DeliveryError> {
        match event(message)? {
            AworkEvent::Mail(mail) => self.0.mail(&mail, &message.id()).await,
            AworkEvent::Invoice(invoice) => self.0.invoice(&invoice, &message.id()).await,
            AworkEvent::Changed(_) | AworkEvent::Erased => Ok(()),
        }
    }
}

/// Hears of every change of people, in order, workspace by workspace: to end sessions, or to mirror people
/// elsewhere.
pub trait ChangeListener: Send + Sync + 'static {
    /// Takes a change; the next one of the workspace comes when this one is taken.
    ///
    /// # Errors
    ///
    /// Returns a [`DeliveryError`] when it was not.
    fn changed(
        &self,
        workspace: &TenantId,
        changed: &Changed,
        id: &str,
    ) -> impl Future<Output = Result<(), DeliveryError>> + Send;
}

/// Gives a [`ChangeListener`] the changes of the outbox.
#[derive(Clone, Debug)]
pub struct Changes<L>(pub L);

impl<L: ChangeListener> Consumer for Changes<L> {
    fn name(&self) -> &'static str {
        "changes"
    }

    async fn deliver(&self, message: &Message<'_>) -> Result<(), DeliveryError> {
        match (event(message)?, message.tenant()) {
            (AworkEvent::Changed(changed), Some(workspace)) => {
                self.0.changed(&workspace, &changed, &message.id()).await
            }
            _ => Ok(()),
        }
    }
}

fn event(message: &Message<'_>) -> Result<AworkEvent, DeliveryError> {
    AworkEvent::of(message.body).ok_or_else(|| DeliveryError::Never("it is no event of awork".to_owned()))
}

/// Writes into the log what would be sent: for trials, and where nothing else is set up.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogDelivery;

impl Delivery for LogDelivery {
    async fn mail(&self, mail: &Mail, id: &str) -> Result<(), DeliveryError> {
        let Mail { subject, to, workspace, .. } = mail;
        tracing::info!(id, ?subject, to, workspace, "an e-mail that nobody sends");
        Ok(())
    }

    async fn invoice(&self, invoice: &Invoice, id: &str) -> Result<(), DeliveryError> {
        tracing::info!(id, ?invoice, "an invoice that nobody makes out");
        Ok(())
    }
}
