//! Attributes that come from links between resources, and what a request does to them.
//!
//! Members of a group, groups of a user, the role of a user: none of these is part of a stored
//! document. A *link* joins an owner (the group) and a member (the user); a [`LinkView`] says which
//! attribute of a resource type shows which links. PATCH and PUT turn into a [`LinkProgram`]; the
//! store tells which links really change.

use std::collections::BTreeMap;

use crate::predicate::Predicate;
use crate::schema_error::Finding;

/// The name of a kind of link, such as `member`.
pub type Relation = &'static str;

/// Which end of a link a resource is.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum End {
    /// It holds the others: a group.
    Owner,
    /// It is held: a member of the group.
    Member,
}

impl End {
    /// The other end.
    #[must_use]
    pub fn other(self) -> Self {
        match self {
            Self::Owner => Self::Member,
            Self::Member => Self::Owner,
        }
    }
}

/// How the far ends of links are shown in an attribute.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LinkShape {
    /// A list of `value`, `$ref`, `type` and `display`; `kind` is the fixed `type`, or none to
    /// show the resource type of the far end.
    List {
        /// What `type` says.
        kind: Option<&'static str>,
    },
    /// Such a list of the far ends that links lead to, directly or through far ends that are near ends
    /// themselves: the groups of a user, and the groups that these are members of (7643-4.1.2-04). `type` is
    /// `direct` or `indirect`; what is both stands once, as direct. Circles end, nothing is reached through a far
    /// end that is not shown, and no resource is indirect to itself. Only an attribute that no client writes has
    /// this shape.
    Nested,
    /// One string: what the only far end is called.
    Name,
    /// One string: what the far ends are called, in order of name, joined by commas.
    Names,
}

impl LinkShape {
    /// Whether far ends are shown as a list of complex values.
    #[must_use]
    pub fn is_list(self) -> bool {
        matches!(self, Self::List { .. } | Self::Nested)
    }
}

/// An attribute of a resource type that shows links.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LinkView {
    /// The resource type that has the attribute.
    pub resource_type: &'static str,
    /// The schema URI, where the attribute belongs to an extension.
    pub extension: Option<&'static str>,
    /// The name of the attribute.
    pub attribute: &'static str,
    /// The kind of link.
    pub relation: Relation,
    /// Which end a resource with this attribute is.
    pub end: End,
    /// How the far ends are shown.
    pub shape: LinkShape,
    /// Whether far ends that the protocol hides are shown all the same.
    pub shows_hidden: bool,
}

/// What one request does to a linked list, step by step.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LinkProgram {
    steps: Vec<LinkStep>,
}

/// A step of a [`LinkProgram`].
#[derive(Clone, Debug, PartialEq)]
pub enum LinkStep {
    /// All links go.
    Clear,
    /// These far ends are linked.
    Add(Vec<String>),
    /// These far ends are no longer linked.
    Remove(Vec<String>),
    /// Far ends that match are no longer linked.
    RemoveWhere(Predicate),
    /// The request is refused, depending on what is linked.
    Refuse(Refusal),
}

/// When a request is refused because of what is linked, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct Refusal {
    /// The far ends that it is about.
    pub filter: Predicate,
    /// Whether it is refused when one of them is linked, or when none is.
    pub when: bool,
    /// What the client is told.
    pub finding: Finding,
}

/// A [`LinkProgram`] without filters: where it starts, and what becomes of the named far ends.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct LinkChange {
    /// Whether links that are not named go.
    pub clear: bool,
    /// For each far end that is named, whether it is linked afterwards.
    pub named: BTreeMap<String, bool>,
}

impl LinkProgram {
    /// Adds a step.
    pub fn push(&mut self, step: LinkStep) {
        // Nothing of what came before counts any more, but for what may refuse the request.
        if step == LinkStep::Clear && !self.steps.iter().any(|step| matches!(step, LinkStep::Refuse(_))) {
            self.steps.clear();
        }
        self.steps.push(step);
    }

    /// The steps, in order.
    #[must_use]
    pub fn steps(&self) -> &[LinkStep] {
        &self.steps
    }

    /// How many far ends the program names, at the most.
    #[must_use]
    pub fn size(&self) -> usize {
        self.steps
            .iter()
            .map(|step| match step {
                LinkStep::Clear | LinkStep::RemoveWhere(_) | LinkStep::Refuse(_) => 0,
                LinkStep::Add(ids) | LinkStep::Remove(ids) => ids.len(),
            })
            .sum()
    }

    /// The filters of the program, in order.
    pub fn filters(&self) -> impl Iterator<Item = &Predicate> {
        self.steps.iter().filter_map(|step| match step {
            LinkStep::RemoveWhere(filter) | LinkStep::Refuse(Refusal { filter, .. }) => Some(filter),
            LinkStep::Clear | LinkStep::Add(_) | LinkStep::Remove(_) => None,
        })
    }

    /// The outcome, once `select` has told which far ends a filter selects.
    ///
    /// `select` is given the filter and the change so far, for filters see what earlier steps added. It may
    /// select far ends that earlier steps removed; those count no more.
    ///
    /// # Errors
    ///
    /// Returns the finding of the first step that refuses the request.
    pub fn reduce(
        &self,
        mut select: impl FnMut(&Predicate, &LinkChange) -> Vec<String>,
    ) -> Result<LinkChange, Finding> {
        let mut change = LinkChange::default();
        for step in &self.steps {
            match step {
                LinkStep::Clear => change = LinkChange { clear: true, named: BTreeMap::new() },
                LinkStep::Add(ids) => change.named.extend(ids.iter().map(|id| (id.clone(), true))),
                LinkStep::Remove(ids) => change.named.extend(ids.iter().map(|id| (id.clone(), false))),
                LinkStep::RemoveWhere(predicate) => {
                    let selected = select(predicate, &change);
                    change.named.extend(selected.into_iter().map(|id| (id, false)));
                }
                LinkStep::Refuse(Refusal { filter, when, finding }) => {
                    let selected = select(filter, &change);
                    if selected.iter().any(|id| change.named.get(id) != Some(&false)) == *when {
                        return Err(finding.clone());
                    }
                }
            }
        }
        Ok(change)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(ids: &[&str]) -> Vec<String> {
        ids.iter().map(|&id| id.to_owned()).collect()
    }

    /// 7644-3.5.2-11: the last word on a far end counts, and a clear forgets what came before.
    #[test]
    fn steps_run_in_order() {
        let mut program = LinkProgram::default();
        program.push(LinkStep::Add(ids(&["x"])));
        program.push(LinkStep::Clear);
        program.push(LinkStep::Add(ids(&["a", "b"])));
        program.push(LinkStep::Remove(ids(&["b", "c"])));
        program.push(LinkStep::RemoveWhere(Predicate::Always(true)));
        let change = program.reduce(|_, so_far| {
            so_far
                .named
                .iter()
                .filter(|(id, linked)| **linked && *id == "a")
                .map(|(id, _)| id.clone())
                .collect()
        });
        let change = change.unwrap();
        assert!(change.clear);
        assert_eq!(
            change.named.into_iter().collect::<Vec<_>>(),
            [("a".to_owned(), false), ("b".to_owned(), false), ("c".to_owned(), false)]
        );
    }

    /// 7644-3.5.2-12: what refuses the request does so whatever comes later, and sees what came before.
    #[test]
    fn refusals_see_what_came_before() {
        let refuse = |when| {
            let finding = Finding { scim_type: crate::ScimType::NoTarget, message: String::new() };
            LinkStep::Refuse(Refusal { filter: Predicate::Always(true), when, finding })
        };
        let removed = || LinkStep::Remove(ids(&["a"]));
        for (steps, refused) in [
            (vec![refuse(true)], true),
            (vec![refuse(false)], false),
            (vec![removed(), refuse(true)], false),
            (vec![removed(), refuse(false)], true),
            (vec![removed(), refuse(false), LinkStep::Clear], true),
            (vec![refuse(true), removed()], true),
            (vec![removed(), LinkStep::Add(ids(&["a"])), refuse(true), LinkStep::Clear], true),
        ] {
            let mut program = LinkProgram::default();
            steps.iter().cloned().for_each(|step| program.push(step));
            assert_eq!(program.reduce(|_, _| ids(&["a"])).is_err(), refused, "{steps:?}");
        }
    }
}
