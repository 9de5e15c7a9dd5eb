//! A filter bound to a schema, and the matcher that is the oracle for every store.
//!
//! Binding decides everything that needs the schema: which attribute, which letter case, what `ne`
//! means on a list. What is left compares plain values of the match form, in memory or in SQL.

use std::cmp::Ordering;

use serde_json::{Map, Value};

use crate::links::{End, LinkShape, LinkView, Relation};
use crate::text::Folding;

/// A condition on a resource of one type.
#[derive(Clone, Debug, PartialEq)]
pub enum Predicate {
    /// The same for every resource.
    Always(bool),
    /// All of these hold; true when empty.
    All(Vec<Predicate>),
    /// One of these holds; false when empty.
    Any(Vec<Predicate>),
    /// This does not hold.
    Not(Box<Predicate>),
    /// A comparison.
    Test(Test),
    /// One element of the list satisfies the condition, whose tests are on [`Operand::Part`].
    Element {
        /// The list.
        list: List,
        /// The condition on an element.
        predicate: Box<Predicate>,
    },
}

/// A comparison of one operand. On a list it holds when it holds for one of the values.
#[derive(Clone, Debug, PartialEq)]
pub struct Test {
    /// What is compared.
    pub operand: Operand,
    /// How, and with what.
    pub check: Check,
}

/// What a test compares.
#[derive(Clone, Debug, PartialEq)]
pub enum Operand {
    /// The id of the resource.
    Id,
    /// When it was created, in milliseconds.
    Created,
    /// When it was last modified, in milliseconds.
    Modified,
    /// `meta.version` as it is shown.
    Version,
    /// The id behind this prefix: `meta.location`.
    Location(String),
    /// A field of the match form.
    Field(Field),
    /// A part of the element, within [`Predicate::Element`].
    Part(Part),
    /// What the far ends of links are called, joined into one text.
    Names(Names),
}

/// The joined names of links, and where the text that a client last sent is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Names {
    /// The links.
    pub links: Links,
    /// The key in the `$shown` object of the match form.
    pub shown: String,
}

/// A field of the match form.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Field {
    /// The extension that holds it.
    pub extension: Option<String>,
    /// The attribute.
    pub name: String,
    /// The part of a complex attribute.
    pub sub: Option<String>,
    /// Whether the attribute is a list.
    pub multi_valued: bool,
}

impl Field {
    /// The path as a client would write it, such as `emails.value`.
    #[must_use]
    pub fn path(&self) -> String {
        let mut path = self.extension.as_ref().map_or_else(String::new, |uri| format!("{uri}:"));
        path.push_str(&self.name);
        if let Some(sub) = &self.sub {
            path.push('.');
            path.push_str(sub);
        }
        path
    }
}

/// A list whose elements a condition is about.
#[derive(Clone, Debug, PartialEq)]
pub enum List {
    /// A list of the match form; its `sub` is none.
    Field(Field),
    /// The far ends of links.
    Links(Links),
}

/// Links of a resource.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct Links {
    /// The kind of link.
    pub relation: Relation,
    /// Which end the resource is.
    pub end: End,
    /// Whether hidden far ends count.
    pub shows_hidden: bool,
    /// Whether those count too that are reached through others ([`LinkShape::Nested`]).
    pub nested: bool,
}

impl Links {
    /// The links themselves, without what is reached through them.
    #[must_use]
    pub fn direct(self) -> Self {
        Self { nested: false, ..self }
    }
}

impl From<&LinkView> for Links {
    fn from(view: &LinkView) -> Self {
        Self {
            relation: view.relation,
            end: view.end,
            shows_hidden: view.shows_hidden,
            nested: view.shape == LinkShape::Nested,
        }
    }
}

/// A part of an element.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// A sub-attribute of an element of the match form.
    Sub(String),
    /// The element itself, in a list of simple values.
    Whole,
    /// The id of the far end.
    FarId,
    /// The resource type of the far end.
    FarType,
    /// What the far end is called, folded.
    FarName(Folding),
    /// Whether a link leads to the far end itself, a boolean.
    FarDirect,
    /// The id of the far end behind this prefix: its `$ref`.
    FarLocation(String),
}

/// How an operand is compared, and with what. All texts are folded.
#[derive(Clone, Debug, PartialEq)]
pub enum Check {
    /// It has a value.
    Present,
    /// It equals.
    Eq(Scalar),
    /// It has a value that differs.
    Ne(Scalar),
    /// It contains.
    Contains(String),
    /// It starts with.
    StartsWith(String),
    /// It ends with.
    EndsWith(String),
    /// It is greater.
    Gt(Scalar),
    /// It is greater or equal.
    Ge(Scalar),
    /// It is less.
    Lt(Scalar),
    /// It is less or equal.
    Le(Scalar),
}

/// A value to compare with.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    /// Text, folded; instants and binary are text as well.
    Text(String),
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any other number; finite.
    Real(f64),
}

/// What the matcher looks at.
#[derive(Clone, Copy)]
pub struct Subject<'a> {
    /// The id.
    pub id: &'a str,
    /// When it was created, in milliseconds since 1970.
    pub created: i64,
    /// When it was last modified, likewise.
    pub modified: i64,
    /// `meta.version`.
    pub version: &'a str,
    /// The match form of the document.
    pub form: &'a Map<String, Value>,
    /// The far ends of its links, hidden ones included; where the links are [nested](Links::nested), nothing is
    /// reached through a hidden one that does not count.
    pub links: &'a dyn Fn(Links) -> Vec<FarEnd>,
}

impl std::fmt::Debug for Subject<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Subject").field("id", &self.id).field("form", &self.form).finish_non_exhaustive()
    }
}

/// The resource at the other end of a link.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct FarEnd {
    /// Its resource type.
    pub resource_type: String,
    /// Its id.
    pub id: String,
    /// What it is called.
    pub name: Option<String>,
    /// Whether the protocol shows it.
    pub visible: bool,
    /// Whether a link leads to it, and not only a chain of several.
    pub direct: bool,
}

/// A value of the subject, seen as the scalar it is.
#[derive(Clone, Copy, Debug)]
enum Seen<'a> {
    Text(&'a str),
    Bool(bool),
    Int(i64),
    Real(f64),
    /// An object or list with something in it.
    Filled,
}

impl Predicate {
    /// The conjunction of two conditions.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Always(true), other) => other,
            (this, Self::Always(true)) => this,
            (this, other) => Self::All(vec![this, other]),
        }
    }

    /// Whether the condition holds for the subject.
    #[must_use]
    pub fn matches(&self, subject: &Subject<'_>) -> bool {
        match self {
            Self::Always(holds) => *holds,
            Self::All(all) => all.iter().all(|one| one.matches(subject)),
            Self::Any(any) => any.iter().any(|one| one.matches(subject)),
            Self::Not(not) => !not.matches(subject),
            Self::Test(test) => test.matches(subject),
            Self::Element { list: List::Field(field), predicate } => match find(subject.form, field) {
                Some(Value::Array(elements)) => {
                    elements.iter().any(|element| predicate.matches_element(&Element::Value(element)))
                }
                _ => false,
            },
            Self::Element { list: List::Links(links), predicate } => {
                far_ends(subject, *links).iter().any(|end| predicate.matches_element(&Element::Far(end)))
            }
        }
    }

    /// Whether the condition of an [`Predicate::Element`] holds for an element of the match form.
    #[must_use]
    pub fn matches_value(&self, element: &Value) -> bool {
        self.matches_element(&Element::Value(element))
    }

    /// Whether the condition of an [`Predicate::Element`] holds for a far end.
    #[must_use]
    pub fn matches_far_end(&self, end: &FarEnd) -> bool {
        self.matches_element(&Element::Far(end))
    }

    fn matches_element(&self, element: &Element<'_>) -> bool {
        match self {
            Self::Always(holds) => *holds,
            Self::All(all) => all.iter().all(|one| one.matches_element(element)),
            Self::Any(any) => any.iter().any(|one| one.matches_element(element)),
            Self::Not(not) => !not.matches_element(element),
            Self::Test(Test { operand: Operand::Part(part), check }) => element.test(part, check),
            // Binding puts nothing else into an element.
            Self::Test(_) | Self::Element { .. } => false,
        }
    }
}

enum Element<'a> {
    Value(&'a Value),
    Far(&'a FarEnd),
}

impl Element<'_> {
    fn test(&self, part: &Part, check: &Check) -> bool {
        match (self, part) {
            (Self::Value(value), Part::Whole) => check.holds_for_value(value),
            (Self::Value(Value::Object(parts)), Part::Sub(sub)) => {
                parts.get(sub).is_some_and(|value| check.holds_for_value(value))
            }
            (Self::Far(end), Part::FarId) => check.holds(Seen::Text(&end.id)),
            (Self::Far(end), Part::FarDirect) => check.holds(Seen::Bool(end.direct)),
            (Self::Far(end), Part::FarType) => check.holds(Seen::Text(&end.resource_type)),
            (Self::Far(end), Part::FarName(folding)) => {
                end.name.as_ref().is_some_and(|name| check.holds(Seen::Text(&folding.fold(name))))
            }
            (Self::Far(end), Part::FarLocation(prefix)) => {
                check.holds(Seen::Text(&format!("{prefix}{}", end.id)))
            }
            _ => false,
        }
    }
}

impl Test {
    fn matches(&self, subject: &Subject<'_>) -> bool {
        match &self.operand {
            Operand::Id => self.check.holds(Seen::Text(subject.id)),
            Operand::Created => self.check.holds(Seen::Int(subject.created)),
            Operand::Modified => self.check.holds(Seen::Int(subject.modified)),
            Operand::Version => self.check.holds(Seen::Text(subject.version)),
            Operand::Location(prefix) => self.check.holds(Seen::Text(&format!("{prefix}{}", subject.id))),
            Operand::Field(field) => self.matches_field(subject.form, field),
            Operand::Names(names) => {
                names.text(subject).is_some_and(|text| self.check.holds(Seen::Text(&text)))
            }
            Operand::Part(_) => false,
        }
    }

    fn matches_field(&self, form: &Map<String, Value>, field: &Field) -> bool {
        match find(form, field) {
            None => false,
            Some(Value::Array(elements)) => match &field.sub {
                None => elements.iter().any(|element| self.check.holds_for_value(element)),
                Some(sub) => elements
                    .iter()
                    .any(|element| element.get(sub).is_some_and(|part| self.check.holds_for_value(part))),
            },
            Some(value) => match &field.sub {
                None => self.check.holds_for_value(value),
                Some(sub) => value.get(sub).is_some_and(|part| self.check.holds_for_value(part)),
            },
        }
    }
}

impl Names {
    /// The text that is shown, exactly as a client sees it; none when there are no links.
    pub(crate) fn text(&self, subject: &Subject<'_>) -> Option<String> {
        let shown = subject.form.get("$shown").and_then(|shown| shown.get(&self.shown));
        shown_names(far_ends(subject, self.links), shown)
    }
}

/// The joined names of far ends: as a client last sent them while that is still true (D-64).
///
/// `shown` is an object of `of`, the joined names at that time, and `text`, what was sent.
#[must_use]
pub fn shown_names(ends: Vec<FarEnd>, shown: Option<&Value>) -> Option<String> {
    let mut names: Vec<String> = ends.into_iter().filter_map(|end| end.name).collect();
    if names.is_empty() {
        return None;
    }
    names.sort();
    let joined = join_names(names.iter().map(String::as_str));
    let text = shown.filter(|shown| shown.get("of").and_then(Value::as_str) == Some(&joined));
    Some(text.and_then(|shown| shown.get("text")).and_then(Value::as_str).map_or(joined, str::to_owned))
}

/// Names in one text, joined by commas; a name with a comma or quote is quoted as in CSV, unless an
/// application has put quotes around it already.
pub fn join_names<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    let mut joined = String::new();
    for name in names {
        if !joined.is_empty() {
            joined.push(',');
        }
        let is_quoted = name.len() > 1 && name.starts_with('"') && name.ends_with('"');
        if name.contains([',', '"']) && !is_quoted {
            joined.push('"');
            joined.push_str(&name.replace('"', "\"\""));
            joined.push('"');
        } else {
            joined.push_str(name);
        }
    }
    joined
}

fn far_ends(subject: &Subject<'_>, links: Links) -> Vec<FarEnd> {
    let mut ends = (subject.links)(links);
    ends.retain(|end| end.visible || links.shows_hidden);
    ends
}

fn find<'f>(form: &'f Map<String, Value>, field: &Field) -> Option<&'f Value> {
    match &field.extension {
        None => form.get(&field.name),
        Some(uri) => form.get(uri)?.get(&field.name),
    }
}

impl Check {
    #[cfg(test)]
    pub(crate) fn holds_for(&self, text: &str) -> bool {
        self.holds(Seen::Text(text))
    }

    fn holds_for_value(&self, value: &Value) -> bool {
        match value {
            Value::Null => false,
            Value::Bool(value) => self.holds(Seen::Bool(*value)),
            Value::String(text) => self.holds(Seen::Text(text)),
            // A part that is itself a list: one of its values is enough.
            Value::Array(values) => values.iter().any(|value| self.holds_for_value(value)),
            Value::Object(parts) => !parts.is_empty() && self.holds(Seen::Filled),
            Value::Number(number) => match (number.as_i64(), number.as_f64()) {
                (Some(int), _) => self.holds(Seen::Int(int)),
                (None, Some(real)) => self.holds(Seen::Real(real)),
                (None, None) => false,
            },
        }
    }

    fn holds(&self, seen: Seen<'_>) -> bool {
        match (self, seen) {
            (Self::Present, _) => true,
            (Self::Contains(part), Seen::Text(text)) => text.contains(part.as_str()),
            (Self::StartsWith(part), Seen::Text(text)) => text.starts_with(part.as_str()),
            (Self::EndsWith(part), Seen::Text(text)) => text.ends_with(part.as_str()),
            (Self::Eq(scalar), seen) => compare(seen, scalar) == Some(Ordering::Equal),
            (Self::Ne(scalar), seen) => compare(seen, scalar).is_some_and(Ordering::is_ne),
            (Self::Gt(scalar), seen) => compare(seen, scalar).is_some_and(Ordering::is_gt),
            (Self::Ge(scalar), seen) => compare(seen, scalar).is_some_and(Ordering::is_ge),
            (Self::Lt(scalar), seen) => compare(seen, scalar).is_some_and(Ordering::is_lt),
            (Self::Le(scalar), seen) => compare(seen, scalar).is_some_and(Ordering::is_le),
            (Self::Contains(_) | Self::StartsWith(_) | Self::EndsWith(_), _) => false,
        }
    }
}

fn compare(seen: Seen<'_>, scalar: &Scalar) -> Option<Ordering> {
    match (seen, scalar) {
        (Seen::Text(seen), Scalar::Text(text)) => Some(seen.cmp(text)),
        (Seen::Bool(seen), Scalar::Bool(value)) => Some(seen.cmp(value)),
        (Seen::Int(seen), Scalar::Int(value)) => Some(seen.cmp(value)),
        (Seen::Int(seen), Scalar::Real(value)) => compare_int_real(seen, *value),
        (Seen::Real(seen), Scalar::Int(value)) => compare_int_real(*value, seen).map(Ordering::reverse),
        (Seen::Real(seen), Scalar::Real(value)) => seen.partial_cmp(value),
        _ => None,
    }
}

/// Compares exactly, where a cast to f64 would round.
pub(crate) fn compare_int_real(int: i64, real: f64) -> Option<Ordering> {
    const TWO_POW_63: f64 = 9_223_372_036_854_775_808.0;
    if real.is_nan() {
        return None;
    }
    if real >= TWO_POW_63 {
        return Some(Ordering::Less);
    }
    if real < -TWO_POW_63 {
        return Some(Ordering::Greater);
    }
    // Within these bounds the whole part of `real` is an i64.
    let whole = real.trunc();
    let by_whole = int.cmp(&(whole as i64));
    Some(by_whole.then_with(|| 0.0_f64.partial_cmp(&(real - whole)).unwrap_or(Ordering::Equal)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 7644-3.4.2.2-10: numbers compare by value, however large.
    #[test]
    fn integers_and_fractions_compare_exactly() {
        for (int, real, expected) in [
            (5, 5.0, Ordering::Equal),
            (5, 5.5, Ordering::Less),
            (-5, -5.5, Ordering::Greater),
            (i64::MAX, 9_223_372_036_854_775_807.0, Ordering::Less),
            (i64::MIN, -9_223_372_036_854_775_808.0, Ordering::Equal),
            ((1 << 53) + 1, 9_007_199_254_740_992.0, Ordering::Greater),
            (0, 1e300, Ordering::Less),
            (0, -1e300, Ordering::Greater),
        ] {
            assert_eq!(compare_int_real(int, real), Some(expected), "{int} {real}");
        }
    }

    /// D-64, A-10: names with a comma are quoted, and the text last sent is shown while it is true.
    #[test]
    fn names_are_joined_and_echoed() {
        let end = |name: &str| FarEnd {
            resource_type: "Team".into(),
            id: name.into(),
            name: Some(name.into()),
            visible: true,
            direct: true,
        };
        let ends = || vec![end("Sales"), end("Design, UX")];
        assert_eq!(shown_names(ends(), None).as_deref(), Some("\"Design, UX\",Sales"));
        let sent = serde_json::json!({ "of": "\"Design, UX\",Sales", "text": "Sales, \"Design, UX\"" });
        assert_eq!(shown_names(ends(), Some(&sent)).as_deref(), Some("Sales, \"Design, UX\""));
        assert_eq!(shown_names(vec![end("Sales")], Some(&sent)).as_deref(), Some("Sales"));
        assert_eq!(shown_names(vec![], Some(&sent)), None);
        assert_eq!(join_names(["\"A\"", "B", "C \"D\"", "\""]), "\"A\",B,\"C \"\"D\"\"\",\"\"\"\"");
    }
}
