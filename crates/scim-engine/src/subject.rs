//! The writes that put a resource into a store, with everything that stands beside its document.

use scim_core::{Document, TypeDef};
use serde_json::Value;

use crate::rules::Subject;
use crate::store::{
    ClaimKey, MarkKey, PutRecord, Record, RecordKey, RecordRef, Space, Write, indexed_values,
};

/// The unique values of a document: path, value as sent, and the claim that stands for it.
pub(crate) fn unique_values<'d>(
    def: &'d TypeDef,
    space: &'d Space,
    document: &'d Document,
) -> impl Iterator<Item = (String, String, ClaimKey)> + 'd {
    def.attributes().filter(|(_, attribute)| attribute.is_unique()).filter_map(
        move |(extension, attribute)| {
            let target = def.target(extension, &attribute.name)?;
            let sent = match document.get(extension, &attribute.name)? {
                Value::String(text) => text.clone(),
                other => other.to_string(),
            };
            let path = target.path();
            let claim = ClaimKey {
                space: space.clone(),
                name: format!("{}:{path}", def.name()),
                value: target.folding().fold(&sent).into_owned(),
            };
            Some((path, sent, claim))
        },
    )
}

/// The writes of a record and its unique values; none if nothing about them changes, unless `always`.
///
/// Rules need not call this: a [`Decision`](crate::Decision) names the subject, and the engine does. It is
/// for what an application writes by itself, such as its first records.
#[must_use]
pub fn subject_writes(def: &TypeDef, space: &Space, subject: Subject, always: bool) -> Vec<Write> {
    let Subject { id, was, document, visible, name, extra } = subject;
    let unchanged = was.as_ref().is_some_and(|was| {
        was.document == document && was.visible == visible && was.name == name && was.extra == extra
    });
    if unchanged && !always {
        return Vec::new();
    }
    let key = RecordKey::new(space, def.name(), &id);
    let claims = |document: &Document| -> Vec<ClaimKey> {
        unique_values(def, space, document).map(|(_, _, claim)| claim).collect()
    };
    let before = was.as_ref().map(|was| claims(&was.document)).unwrap_or_default();
    let after = claims(&document);
    let holder = RecordRef::new(def.name(), &id);
    let mut writes = Vec::new();
    let mut form = def.match_form(&document);
    let indexed = indexed_values(&form);
    if let Some(shown) = extra.get("$shown") {
        form.insert("$shown".into(), shown.clone());
    }
    let renamed = was.as_ref().is_some_and(|was| was.name != name || was.visible != visible);
    let replaces = was.map(|was| was.version);
    let record = PutRecord { key, visible, name, document, extra, form, indexed };
    writes.push(Write::Put { record: Box::new(record), replaces });
    let gone = before.iter().filter(|claim| !after.contains(claim));
    writes.extend(gone.map(|claim| Write::Release(claim.clone(), holder.clone())));
    let new = after.iter().filter(|claim| !before.contains(claim));
    writes.extend(new.map(|claim| Write::Claim(claim.clone(), holder.clone())));
    if renamed {
        // Others show the name; one mark stands for all of them.
        writes.push(Write::Raise(MarkKey::names(space)));
    }
    writes
}

pub(crate) fn delete_writes(def: &TypeDef, space: &Space, record: &Record) -> Vec<Write> {
    let holder = record.key.record.clone();
    let mut writes: Vec<Write> = unique_values(def, space, &record.document)
        .map(|(_, _, claim)| Write::Release(claim, holder.clone()))
        .collect();
    writes.push(Write::Delete { key: record.key.clone(), replaces: record.version });
    writes
}
