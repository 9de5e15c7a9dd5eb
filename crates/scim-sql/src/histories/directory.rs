//! A directory that changes at random: users, groups, roles and teams.

use std::collections::BTreeMap;

use scim_core::schema::{self, Attribute, AttributeType, Mutability, Schema};
use scim_core::{
    BindContext, Document, End, LinkShape, LinkView, Links, Order, Predicate, Registry, ResourceType,
    TypeDef, UnknownAttribute,
};
use scim_engine::store::{
    Batch, LinkKey, MarkKey, PutRecord, RecordKey, RecordRef, TenantId, Write, indexed_values,
};
use serde_json::{Map, Value, json};

use super::filters;
use super::random::Random;

const EXTENSION: &str = "urn:example:params:scim:schemas:extension:histories:2.0:User";
const BASE: &str = "https://example.com/v2";

/// A text of 255 letters, one less than an index holds, and an end.
macro_rules! long {
    ($end:literal) => {
        concat!(long!(), long!(), long!(), $end)
    };
    () => {
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
    };
}

/// Texts that are the same to some comparisons and not to others, and such as SQL stumbles over.
pub(super) const TEXTS: &[&str] = &[
    "a",
    "A",
    "b",
    "ab",
    "abc",
    "ABC",
    "bc",
    "Straße",
    "STRASSE",
    "é",
    "e\u{301}",
    "É",
    "İ",
    "ß",
    "ſ",
    "K",
    "k",
    "日本",
    "😀",
    "ｂｏｂ",
    "bob",
    "BOB",
    "%",
    "_",
    "a%b",
    "'",
    "''",
    "\"",
    "a,b",
    "a\"b",
    "\\",
    "[\"a\"]",
    "{}",
    "[]",
    "null",
    "true",
    "1",
    "5",
    "5.0",
    "0",
    " ",
    " a",
    "a ",
    "\u{200d}",
    "\u{fffd}",
    "\u{10ffff}",
    "?",
    "?1",
    "$1",
    ":a",
    "\t",
    "\n",
    "z",
    "é\u{327}",
    long!("a"),
    long!("é"),
    long!("aa"),
    long!("aé"),
    long!("éa"),
    long!("é\u{10ffff}"),
];

const NUMBERS: &[&str] = &[
    "0",
    "1",
    "-1",
    "5",
    "5.0",
    "5.5",
    "-5.5",
    "0.1",
    "0.30000000000000004",
    "1e300",
    "-1e300",
    "1e-7",
    "9007199254740993",
    "9007199254740992.0",
    "9223372036854775807",
    "-9223372036854775808",
    "9223372036854775807.0",
    "-0.0",
    "100",
];

const TIMES: &[&str] = &[
    "2026-01-02T03:04:05Z",
    "2026-01-02T03:04:05.5Z",
    "2026-01-02T05:04:05+02:00",
    "2026-01-02T03:04:05.000000001Z",
    "1969-12-31T23:59:59Z",
    "1970-01-01T00:00:01Z",
    "1970-01-01T00:00:02.000Z",
    "1970-01-01T00:00:01.0005Z",
];

pub(super) struct Directory {
    pub(super) tenant: TenantId,
    registry: Registry,
    endpoints: Vec<(String, String)>,
    versions: BTreeMap<RecordRef, u64>,
    next_id: usize,
}

impl Directory {
    pub(super) fn new(tenant: &str) -> Self {
        let registry = registry();
        let endpoints = registry
            .types()
            .iter()
            .map(|def| (def.name().to_owned(), def.resource_type().endpoint.clone()))
            .collect();
        let tenant = TenantId::new(tenant).expect("a name made of letters");
        Self { tenant, registry, endpoints, versions: BTreeMap::new(), next_id: 0 }
    }

    pub(super) fn def(&self, kind: &str) -> &TypeDef {
        self.registry.type_named(kind).expect("a type of the directory")
    }

    pub(super) fn views(&self, kind: &str) -> Vec<Links> {
        self.def(kind).links().iter().map(Links::from).collect()
    }

    pub(super) fn ids(&self) -> Vec<&str> {
        self.versions.keys().map(|record| record.id.as_str()).collect()
    }

    /// A few writes that happen together.
    pub(super) fn change(&mut self, random: &mut Random) -> Batch {
        let mut writes = Vec::new();
        for _ in 0..=random.below(3) {
            writes.extend(self.write(random));
        }
        // Few different times, so that many records tie.
        let now = 1_000 * (1 + random.below(3) as i64);
        Batch { now, guards: Vec::new(), writes }
    }

    /// Takes note of the versions after a change.
    pub(super) fn learn(&mut self, versions: &[(RecordKey, u64)]) {
        for (key, version) in versions {
            self.versions.insert(key.record.clone(), *version);
        }
    }

    fn write(&mut self, random: &mut Random) -> Vec<Write> {
        let space = self.tenant.space();
        let records: Vec<RecordRef> = self.versions.keys().cloned().collect();
        match random.below(20) {
            0..8 => {
                self.next_id += 1;
                let kind = random.pick(&["User", "User", "User", "Group", "Role", "Team"]);
                let id = format!("{}{}", random.pick(&["a", "b", "Z-"]), self.next_id);
                vec![Write::Put { record: Box::new(self.record(kind, &id, random)), replaces: None }]
            }
            8..11 if !records.is_empty() => {
                let record = random.pick(&records);
                let replaces = self.versions.get(&record).copied();
                let record = Box::new(self.record(&record.kind, &record.id, random));
                vec![Write::Put { record, replaces }]
            }
            11 if random.chance(30) && !records.is_empty() => {
                let record = random.pick(&records);
                // What refuses the batch leaves the record behind; then it is unknown, and stays.
                let replaces = self.versions.remove(&record).unwrap_or_default();
                vec![Write::Delete { key: RecordKey { space, record }, replaces }]
            }
            12 => vec![Write::Raise(MarkKey::names(&space))],
            _ => {
                let (relation, owner) =
                    random.pick(&[("member", "Group"), ("role", "Role"), ("team", "Team")]);
                let of_kind = |kind: &str| -> Vec<&RecordRef> {
                    records.iter().filter(|record| record.kind == kind).collect()
                };
                let member = if relation == "member" && random.chance(20) { "Group" } else { "User" };
                let (owners, members) = (of_kind(owner), of_kind(member));
                if owners.is_empty() || members.is_empty() {
                    return Vec::new();
                }
                let (owner, member) = (random.pick(&owners).clone(), random.pick(&members).clone());
                let link = LinkKey { space, relation, owner, member };
                vec![if random.chance(80) { Write::Link(link) } else { Write::Unlink(link) }]
            }
        }
    }

    fn record(&self, kind: &str, id: &str, random: &mut Random) -> PutRecord {
        let mut document = Document::new();
        let mut extra = Map::new();
        let mut form = Map::new();
        if let Some(def) = self.registry.type_named(kind) {
            for (extension, attribute) in def.attributes() {
                if def.link(extension, &attribute.name).is_none() && random.chance(50) {
                    document.set(extension, &attribute.name, value(attribute, random));
                }
            }
            form = def.match_form(&document);
            if random.chance(30) {
                let key = scim_core::shown_key(Some(EXTENSION), "teams");
                let of = random.pick(&["a", "a,b", "\"a,b\"", "z", "bob"]);
                let shown = json!({ key: { "of": of, "text": random.pick(TEXTS) } });
                extra.insert("$shown".into(), shown.clone());
                form.insert("$shown".into(), shown);
            }
        }
        let name =
            random.chance(90).then(|| if random.chance(10) { "" } else { random.pick(TEXTS) }.to_owned());
        let indexed = indexed_values(&form);
        let key = RecordKey::new(&self.tenant.space(), kind, id);
        PutRecord { key, visible: random.chance(90), name, document, extra, form, indexed }
    }

    fn context(&self, unknown: UnknownAttribute) -> BindContext<'_> {
        BindContext { base: BASE, endpoints: &self.endpoints, unknown }
    }

    /// The filter, if it suits the type.
    pub(super) fn bind(&self, kind: &str, filter: &str, unknown: UnknownAttribute) -> Option<Predicate> {
        let filter = scim_core::syntax::parse_filter(filter).ok()?;
        self.def(kind).bind(&filter, &self.context(unknown)).ok()
    }

    /// A filter that suits the type.
    pub(super) fn random_filter(&self, kind: &str, unknown: UnknownAttribute, random: &mut Random) -> String {
        loop {
            let filter = filters::filter(self, kind, 3, random);
            if self.bind(kind, &filter, unknown).is_some() {
                return filter;
            }
        }
    }

    /// An order for each of the types, by an attribute that all have; none if chance finds none.
    pub(super) fn random_order(&self, kinds: &[&str], random: &mut Random) -> Option<Vec<Order>> {
        let direction = random.pick(&["ascending", "descending"]);
        (0..20).find_map(|_| {
            let path = filters::path(self, kinds[0], random);
            kinds.iter().map(|kind| self.def(kind).order(&path, Some(direction)).ok().flatten()).collect()
        })
    }

    /// A record, one of its linked lists, and perhaps a condition on the far ends.
    pub(super) fn random_far_ends(
        &self,
        random: &mut Random,
    ) -> Option<(String, String, Links, Option<Predicate>)> {
        let records: Vec<&RecordRef> =
            self.versions.keys().filter(|record| matches!(&*record.kind, "User" | "Group")).collect();
        if records.is_empty() {
            return None;
        }
        let record = random.pick(&records);
        let def = self.def(&record.kind);
        let view = random.pick(def.links());
        let target = def.target(view.extension, view.attribute)?;
        let only = (0..20).find_map(|_| {
            let filter = filters::element(self, target.attribute, 2, random);
            let filter = scim_core::syntax::parse_filter(&filter).ok()?;
            def.bind_element(&target, &filter, &self.context(UnknownAttribute::Refused)).ok()
        });
        Some((record.kind.clone(), record.id.clone(), Links::from(&view), only))
    }
}

/// A value that suits the attribute.
fn value(attribute: &Attribute, random: &mut Random) -> Option<Value> {
    if !attribute.multi_valued {
        return one_value(attribute, random);
    }
    let values: Vec<Value> = (0..=random.below(3)).filter_map(|_| one_value(attribute, random)).collect();
    (!values.is_empty()).then_some(Value::Array(values))
}

fn one_value(attribute: &Attribute, random: &mut Random) -> Option<Value> {
    if attribute.kind == AttributeType::Complex {
        let parts: Map<String, Value> = attribute
            .sub_attributes
            .iter()
            .filter(|_| random.chance(60))
            .collect::<Vec<_>>()
            .into_iter()
            .filter_map(|sub| Some((sub.name.clone(), value(sub, random)?)))
            .collect();
        return (!parts.is_empty()).then_some(Value::Object(parts));
    }
    serde_json::from_str(&literal(attribute.kind, random)).ok()
}

/// A literal of the kind, as JSON.
pub(super) fn literal(kind: AttributeType, random: &mut Random) -> String {
    let text = |text: &str| Value::from(text).to_string();
    match kind {
        AttributeType::Boolean => random.pick(&["true", "false"]).to_owned(),
        AttributeType::Integer => random.pick(&["0", "1", "-1", "5", "100", "9007199254740993"]).to_owned(),
        AttributeType::Decimal => random.pick(NUMBERS).to_owned(),
        AttributeType::DateTime => text(random.pick(TIMES)),
        AttributeType::Binary => text(random.pick(&["YQ==", "YWI=", "AAEC"])),
        AttributeType::String | AttributeType::Reference | AttributeType::Complex => text(random.pick(TEXTS)),
    }
}

fn registry() -> Registry {
    let view = |resource_type, attribute, relation, end, shape| LinkView {
        resource_type,
        extension: None,
        attribute,
        relation,
        end,
        shape,
        shows_hidden: false,
    };
    let of_extension = |view: LinkView| LinkView { extension: Some(EXTENSION), ..view };
    let direct = LinkShape::List { kind: Some("direct") };
    Registry::builder()
        .schema(schema::user())
        .schema(schema::group())
        .schema(schema::enterprise_user())
        .schema(extension())
        .resource_type(
            ResourceType::new("User", "/Users", schema::urn::USER)
                .with_extension(schema::urn::ENTERPRISE_USER)
                .with_extension(EXTENSION),
        )
        .resource_type(ResourceType::new("Group", "/Groups", schema::urn::GROUP))
        .link(view("Group", "members", "member", End::Owner, LinkShape::List { kind: None }))
        .link(view("User", "groups", "member", End::Member, direct))
        .link(of_extension(view("User", "role", "role", End::Member, LinkShape::Name)))
        .link(of_extension(view("User", "allGroups", "member", End::Member, LinkShape::Nested)))
        .link(LinkView {
            shows_hidden: true,
            ..of_extension(view("User", "teams", "team", End::Member, LinkShape::Names))
        })
        .build()
        .expect("the types contradict nothing")
}

/// Attributes of every type, alone and in lists, and of each as a part.
fn extension() -> Schema {
    use AttributeType::{Binary, Boolean, Complex, DateTime, Decimal, Integer, Reference, String};
    let kinds = [
        ("string", String),
        ("boolean", Boolean),
        ("integer", Integer),
        ("decimal", Decimal),
        ("instant", DateTime),
        ("binary", Binary),
        ("reference", Reference),
    ];
    let exact = |name: &str| Attribute { case_exact: Some(true), ..Attribute::new(name, String) };
    let list = |attribute: Attribute, name: &str| Attribute {
        multi_valued: true,
        name: name.to_owned(),
        ..attribute
    };
    let parts = || -> Vec<Attribute> {
        let simple = kinds.iter().map(|(name, kind)| Attribute::new(name, *kind));
        let lists = [list(Attribute::new("", String), "words"), list(Attribute::new("", Decimal), "weights")];
        simple.chain([exact("value")]).chain(lists).collect()
    };
    let complex = |name: &str| Attribute { sub_attributes: parts(), ..Attribute::new(name, Complex) };
    let mut attributes: Vec<Attribute> =
        kinds.iter().map(|(name, kind)| Attribute::new(name, *kind)).collect();
    attributes.extend(kinds.iter().map(|(name, kind)| list(Attribute::new("", *kind), &format!("{name}s"))));
    let far = ["value", "$ref", "type", "display"].map(|name| Attribute::new(name, String));
    attributes.extend([
        Attribute {
            multi_valued: true,
            mutability: Mutability::ReadOnly,
            sub_attributes: far.to_vec(),
            ..Attribute::new("allGroups", Complex)
        },
        exact("exact"),
        complex("whole"),
        list(complex(""), "wholes"),
        exact("role"),
        exact("teams"),
    ]);
    Schema { id: EXTENSION.to_owned(), name: None, description: None, attributes }
}
