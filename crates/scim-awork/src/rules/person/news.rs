//! What others are told of a person who changes (D-31, A-14).

use scim_engine::store::Stream;
use serde_json::Value;

use super::{Person, WAS_ACTIVE, is_active};
use crate::event::{Activation, AworkEvent, Changed, Mail, MailSubject, Operation};
use crate::language::language_on_create;
use crate::rules::tell;

impl Person<'_> {
    /// What others must be told: the change, and the person who comes back (D-31, A-14, A-25).
    pub(super) fn news(&self, operation: Operation) -> Vec<(Stream, Value)> {
        let was_active = self.was.is_some_and(|was| is_active(&was.document));
        let activation = Activation::of(was_active, is_active(&self.document));
        let mut news = Vec::new();
        let comes_back = self.was.is_some_and(|was| was.extra.get(WAS_ACTIVE) == Some(&Value::Bool(true)));
        if comes_back && activation == Some(Activation::Activated) {
            news.push(tell(&AworkEvent::Mail(self.reactivation())));
        }
        news.push(tell(&AworkEvent::Changed(Changed {
            operation,
            people: vec![self.id.clone()],
            activation,
            trace_id: self.change.context.trace_id.clone(),
        })));
        news
    }

    fn reactivation(&self) -> Mail {
        let language = self.document.text("preferredLanguage");
        let given_name = self.document.get(None, "name").and_then(|name| name.get("givenName")?.as_str());
        Mail {
            subject: MailSubject::Reactivated,
            to: self.document.text("userName").unwrap_or_default().to_owned(),
            given_name: given_name.unwrap_or_default().to_owned(),
            language: language_on_create(
                language,
                &self.workspace.language,
                self.workspace.german_variants(),
            )
            .value,
            workspace: self.workspace.name.clone(),
        }
    }
}
