//! The rules of a plain directory: those of the standard and no others.

use scim_core::schema::Attribute;
use scim_core::{
    Document, End, LinkShape, LinkView, Links, Problem, Registry, RegistryBuilder, RegistryError,
    ResourceType, ScimType, schema,
};

use crate::facts::{Facts, Lookup};
use crate::rules::{Action, Change, Decision, LinkDelta, Outcome, Rules, Step, Subject};
use crate::store::{LinkKey, MarkKey, RecordRef, Write};

/// Rules for a plain SCIM directory: unique values are unique, members exist, groups are no members
/// of themselves, and a manager is a user.
#[derive(Clone, Copy, Debug, Default)]
pub struct PlainRules;

impl Rules for PlainRules {
    fn decide(&self, change: &Change<'_>, facts: &Facts) -> Step {
        decide(change, facts, false)
    }
}

/// The decision of a plain directory; `dangling` says whether a manager may be named who is not there.
pub(crate) fn decide(change: &Change<'_>, facts: &Facts, dangling: bool) -> Step {
    if let Some(problem) = taken(change).or_else(|| unlinkable(change)) {
        return Step::Refuse(problem);
    }
    let mut lookup = facts.lookup();
    let decision = match change.action {
        Action::Delete { current } => Decision {
            outcome: Outcome::Deleted(Box::new(current.clone())),
            writes: unlink_all(change, &mut lookup),
            ..Decision::default()
        },
        Action::Create { desired, .. } | Action::Update { desired, .. } => {
            if let Some(problem) = unknown_manager(change, &mut lookup).filter(|_| !dangling) {
                return Step::Refuse(problem);
            }
            let current = change.action.current();
            Decision {
                outcome: Outcome::Put(Box::new(Subject {
                    id: change.action.id().to_owned(),
                    was: current.cloned(),
                    document: desired.document.clone(),
                    visible: true,
                    name: display_name(&desired.document),
                    extra: current.map(|record| record.extra.clone()).unwrap_or_default(),
                })),
                writes: link_writes(change),
                ..Decision::default()
            }
        }
    };
    if lookup.is_complete() { Step::Commit(Box::new(decision)) } else { Step::Need(lookup.needed()) }
}

/// What a resource is called where links show it: its display name, or else its user name.
#[must_use]
pub fn display_name(document: &Document) -> Option<String> {
    document.text("displayName").or_else(|| document.text("userName")).map(str::to_owned)
}

/// 7644-3.3-05: a unique value that another resource holds.
#[must_use]
pub fn taken(change: &Change<'_>) -> Option<Problem> {
    let held = change.holdings.iter().find(|holding| {
        holding.holder.as_ref().is_some_and(|holder| holder.visible && holder.id() != change.action.id())
    })?;
    let kind = change.def.name();
    let is_held = |(extension, attribute): &(Option<&str>, &Attribute)| {
        change.def.target(*extension, &attribute.name).is_some_and(|target| target.path() == held.path)
    };
    // 7643-7-09: what no client may see is in no message.
    if change.def.attributes().find(is_held).is_some_and(|(_, attribute)| attribute.is_secret()) {
        let message = format!("another {kind} has this `{}` already: choose another value", held.path);
        return Some(Problem::taken(message));
    }
    Some(Problem::taken(format!(
        "a {kind} with the {} `{}` exists already: find it with a filter and update it",
        held.path, held.value
    )))
}

/// 7643-2.3.7-03, 7643-4.2-04: a far end that is not there, or is the resource itself.
#[must_use]
pub fn unlinkable(change: &Change<'_>) -> Option<Problem> {
    change.links.iter().find_map(|delta| {
        let attribute = delta.view.attribute;
        delta.added.iter().find_map(|(id, record)| match record {
            None => Some(Problem::bad_request(
                ScimType::InvalidValue,
                format!("`{attribute}` names the id `{}`, which no resource here has", shorten(id)),
            )),
            Some(record) if record.id() == change.action.id() => Some(Problem::bad_request(
                ScimType::InvalidValue,
                format!("`{attribute}` must not name the resource itself, `{}`", shorten(id)),
            )),
            Some(_) => None,
        })
    })
}

/// The writes that make a change's links real.
#[must_use]
pub fn link_writes(change: &Change<'_>) -> Vec<Write> {
    let near = RecordRef::new(change.def.name(), change.action.id());
    let mut writes = Vec::new();
    for LinkDelta { view, added, removed, clears } in change.links {
        let links = Links::from(*view);
        let link = |far: RecordRef| LinkKey::between(change.space, links, near.clone(), far);
        if *clears {
            // One range operation, however long the list; the names mark stands for the far ends.
            writes.push(Write::ClearLinks { of: change.key(&near.kind, &near.id), links });
            writes.push(Write::Raise(MarkKey::names(change.space)));
        } else {
            let far = |end: &scim_core::FarEnd| RecordRef::new(&end.resource_type, &end.id);
            writes.extend(removed.iter().map(|end| Write::Unlink(link(far(end)))));
        }
        let records = added.iter().filter_map(|(_, record)| record.as_ref());
        writes.extend(records.map(|record| Write::Link(link(record.key.record.clone()))));
    }
    writes
}

/// 7644-3.6-05: a deleted resource is nobody's member, and its own members are members no longer.
fn unlink_all(change: &Change<'_>, lookup: &mut Lookup<'_>) -> Vec<Write> {
    let near = change.key(change.def.name(), change.action.id());
    let mut writes = Vec::new();
    for view in change.def.links() {
        let links = Links { shows_hidden: true, ..Links::from(view).direct() };
        match view.end {
            End::Owner => {
                writes.push(Write::ClearLinks { of: near.clone(), links });
                writes.push(Write::Raise(MarkKey::names(change.space)));
            }
            End::Member => {
                let ends = lookup.links(near.clone(), links).iter();
                writes.extend(ends.map(|end| {
                    let far = RecordRef::new(&end.resource_type, &end.id);
                    Write::Unlink(LinkKey::between(change.space, links, near.record.clone(), far))
                }));
            }
        }
    }
    // A group can be a member as well, of groups that show it without its having a view of them.
    let seen: Vec<&LinkView> = change.def.links().iter().collect();
    for view in &seen {
        let other =
            Links { relation: view.relation, end: view.end.other(), shows_hidden: true, nested: false };
        if seen.iter().any(|view| view.relation == other.relation && view.end == other.end) {
            continue;
        }
        let ends = lookup.links(near.clone(), other).iter();
        writes.extend(ends.map(|end| {
            let far = RecordRef::new(&end.resource_type, &end.id);
            Write::Unlink(LinkKey::between(change.space, other, near.record.clone(), far))
        }));
    }
    writes
}

/// 7643-2.3.7-03 for `manager` of the enterprise extension.
fn unknown_manager(change: &Change<'_>, lookup: &mut Lookup<'_>) -> Option<Problem> {
    let uri = schema::urn::ENTERPRISE_USER;
    let wanted = change.action.desired()?.document.get(Some(uri), "manager");
    let stored = change.action.current().and_then(|record| record.document.get(Some(uri), "manager"));
    let id = wanted.filter(|wanted| Some(*wanted) != stored)?.get("value")?.as_str()?;
    if id == change.action.id() {
        return None;
    }
    let found = lookup.record(change.key("User", id)).is_some_and(|record| record.visible);
    (lookup.is_complete() && !found).then(|| {
        let message = format!("`manager.value` names the id `{}`, which no User here has", shorten(id));
        Problem::bad_request(ScimType::InvalidValue, message)
    })
}

/// An id as it may stand in a message.
fn shorten(id: &str) -> String {
    id.chars().take(64).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// The resource types of a plain directory and no others.
///
/// # Errors
///
/// Returns a [`RegistryError`] if the schemas contradict themselves, which a test rules out.
pub fn plain_registry() -> Result<Registry, RegistryError> {
    plain_types().build()
}

/// The resource types of a plain directory, to which others may be added: User with the enterprise
/// extension, and Group.
#[must_use]
pub fn plain_types() -> RegistryBuilder {
    Registry::builder()
        .schema(schema::user())
        .schema(schema::group())
        .schema(schema::enterprise_user())
        .resource_type(
            ResourceType::new("User", "/Users", schema::urn::USER)
                .with_description("User Account")
                .with_extension(schema::urn::ENTERPRISE_USER),
        )
        .resource_type(ResourceType::new("Group", "/Groups", schema::urn::GROUP).with_description("Group"))
        .link(member_view("Group", "members", End::Owner, None))
        .link(member_view("User", "groups", End::Member, Some("direct")))
}

fn member_view(
    resource_type: &'static str,
    attribute: &'static str,
    end: End,
    kind: Option<&'static str>,
) -> LinkView {
    LinkView {
        resource_type,
        extension: None,
        attribute,
        relation: "member",
        end,
        shape: LinkShape::List { kind },
        shows_hidden: false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 7643-6-01, 7643-6-02: two types at their endpoints, each schema served.
    #[test]
    fn the_plain_registry_builds() {
        let registry = plain_registry().unwrap();
        assert_eq!(registry.type_at("users").unwrap().name(), "User");
        assert_eq!(registry.type_at("Groups").unwrap().name(), "Group");
        assert_eq!(registry.schemas().len(), 3);
    }
}
