//! A small directory in which every kind of attribute, link and letter occurs: what promise 4 is tried on.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet};

use scim_core::schema::{self, Attribute, AttributeType, Mutability, Schema};
use scim_core::syntax::parse_filter;
use scim_core::{
    BindContext, BindError, End, FarEnd, Leniency, LinkShape, LinkView, Links, Order, Predicate, Registry,
    ResourceType, Subject, TypeDef, UnknownAttribute, default_order,
};
use serde_json::{Map, Value};

use super::probe::{Probe, batch, put, tenant};
use crate::store::{
    LinkKey, MarkKey, Position, PutRecord, Query, Record, RecordKey, RecordRef, Space, Store, TenantId,
    TypeQuery, Write, indexed_values, version_tag,
};

const EXTENSION: &str = "urn:example:params:scim:schemas:extension:contract:2.0:User";
const GROUP_EXTENSION: &str = "urn:example:params:scim:schemas:extension:contract:2.0:Group";
const BASE: &str = "https://example.com/scim/v2";
const ENTRIES: &str = include_str!("directory.json");

/// The resource types of the directory, and the resources as the matcher sees them.
pub(super) struct Directory {
    tenant: TenantId,
    registry: Registry,
    endpoints: Vec<(String, String)>,
    entries: Vec<Entry>,
    /// The `names` version, part of every entity tag.
    names: u64,
}

/// A resource as it was written, with what the store says of its versions and times.
struct Entry {
    record: PutRecord,
    version: u64,
    created: i64,
    modified: i64,
    links: Vec<(&'static str, End, RecordRef)>,
}

impl Directory {
    /// Writes the resources of `directory.json` into a store.
    pub(super) async fn fill<S: Store>(probe: &Probe<S>) -> Self {
        let raw: Vec<Map<String, Value>> =
            serde_json::from_str(ENTRIES).expect("the directory is valid JSON");
        Self::write(probe, &tenant(), &raw).await
    }

    /// Writes resources in the shape of `directory.json` into the space of a tenant.
    pub(super) async fn write<S: Store>(
        probe: &Probe<S>,
        tenant: &TenantId,
        raw: &[Map<String, Value>],
    ) -> Self {
        let (registry, space) = (registry(), tenant.space());
        let mut entries: Vec<Entry> = raw.iter().map(|raw| entry(&registry, &space, raw)).collect();
        for entry in &entries {
            probe.commit(batch(entry.created, [put(entry.record.clone(), None)])).await;
        }
        for (link, at) in links(&space, raw) {
            probe.commit(batch(at, [Write::Link(link.clone())])).await;
            for (end, near, far) in
                [(End::Owner, &link.owner, &link.member), (End::Member, &link.member, &link.owner)]
            {
                let entry = entries.iter_mut().find(|entry| entry.record.key.record == *near);
                entry.expect("links join entries").links.push((link.relation, end, far.clone()));
            }
        }
        probe.commit(batch(0, [Write::Raise(MarkKey::names(&space))])).await;
        for entry in &mut entries {
            let record: Record = probe.record(&entry.record.key).await.expect("it was written");
            (entry.version, entry.modified) = (record.version, record.modified);
        }
        let types = registry.types().iter();
        let endpoints =
            types.map(|def| (def.name().to_owned(), def.resource_type().endpoint.clone())).collect();
        let names = probe.mark(&MarkKey::names(&space)).await;
        Self { tenant: tenant.clone(), registry, endpoints, entries, names }
    }

    pub(super) fn def(&self, kind: &str) -> &TypeDef {
        self.registry.type_named(kind).expect("a registered type")
    }

    /// A filter, bound to the type, if it suits it. Where several types are asked, one may not know the
    /// attribute.
    pub(super) fn bind(
        &self,
        kind: &str,
        filter: &str,
        unknown: UnknownAttribute,
    ) -> Result<Predicate, BindError> {
        let context = BindContext { base: BASE, endpoints: &self.endpoints, unknown };
        let filter = parse_filter(filter).unwrap_or_else(|error| panic!("{filter}: {error}"));
        self.def(kind).bind(&filter, &context)
    }

    /// A filter that suits the type.
    pub(super) fn predicate(&self, kind: &str, filter: &str, unknown: UnknownAttribute) -> Predicate {
        self.bind(kind, filter, unknown).unwrap_or_else(|error| panic!("{filter}: {error}"))
    }

    /// An order, if the attribute has one.
    pub(super) fn try_order(&self, kind: &str, by: &str, descending: bool) -> Option<Order> {
        let direction = if descending { "descending" } else { "ascending" };
        self.def(kind).order(by, Some(direction)).ok().flatten()
    }

    pub(super) fn order(&self, kind: &str, by: &str, descending: bool) -> Order {
        self.try_order(kind, by, descending).unwrap_or_else(|| panic!("{by} orders nothing"))
    }

    /// The query of one type.
    pub(super) fn query(&self, kind: &str, predicate: Predicate, order: Option<Order>) -> Query {
        let types = vec![TypeQuery { kind: kind.to_owned(), predicate, order, links: Vec::new() }];
        Query {
            tenant: self.tenant.clone(),
            types,
            offset: 0,
            after: None,
            limit: 1_000,
            total: true,
            left: None,
        }
    }

    /// How many visible resources of the types of the query there are.
    pub(super) fn count(&self, query: &Query) -> usize {
        query.types.iter().map(|of| self.visible(of).count()).sum()
    }

    fn visible(&self, of: &TypeQuery) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(|entry| entry.record.visible && entry.record.key.record.kind == of.kind)
    }

    /// What the matcher and the order of `scim-core` make of the query, paging aside.
    pub(super) fn expected(&self, query: &Query) -> Vec<String> {
        self.expected_positions(query).into_iter().map(|position| position.id).collect()
    }

    /// The same, with the place of each resource in the order.
    pub(super) fn expected_positions(&self, query: &Query) -> Vec<Position> {
        let mut found: Vec<(&TypeQuery, &Entry)> = Vec::new();
        for of in &query.types {
            found.extend(
                self.visible(of)
                    .filter(|entry| self.subject(entry, |subject| of.predicate.matches(subject)))
                    .map(|entry| (of, entry)),
            );
        }
        found.sort_by(|one, other| self.compare(*one, *other));
        found.into_iter().map(|(of, entry)| self.position(of.order.as_ref(), entry)).collect()
    }

    /// Each resource has the value that the order of its own type compares.
    fn compare(&self, (of, one): (&TypeQuery, &Entry), (of_other, other): (&TypeQuery, &Entry)) -> Ordering {
        self.subject(one, |one| {
            self.subject(other, |other| match (&of.order, &of_other.order) {
                (Some(order), Some(of_other)) => {
                    let by_value = order.key.value(one).compare(&of_other.key.value(other));
                    let by_value = if order.descending { by_value.reverse() } else { by_value };
                    by_value.then_with(|| default_order(one, other))
                }
                _ => default_order(one, other),
            })
        })
    }

    fn position(&self, order: Option<&Order>, entry: &Entry) -> Position {
        let value = match order {
            Some(order) => self.subject(entry, |subject| order.key.value(subject)),
            None => scim_core::SortValue::Absent,
        };
        Position { value, created: entry.created, id: entry.record.key.record.id.clone() }
    }

    fn subject<T>(&self, entry: &Entry, look: impl FnOnce(&Subject<'_>) -> T) -> T {
        let far_ends = |links: Links| {
            let mut ends: Vec<FarEnd> = self.direct(entry, links).map(|far| self.far_end(far)).collect();
            if links.nested {
                ends.extend(self.indirect(entry, links));
            }
            ends
        };
        look(&Subject {
            id: &entry.record.key.record.id,
            created: entry.created,
            modified: entry.modified,
            version: &version_tag(entry.version, self.names),
            form: &entry.record.form,
            links: &far_ends,
        })
    }

    fn direct<'e>(&self, entry: &'e Entry, links: Links) -> impl Iterator<Item = &'e RecordRef> + use<'e> {
        let of =
            entry.links.iter().filter(move |(kind, end, _)| *kind == links.relation && *end == links.end);
        of.map(|(_, _, far)| far)
    }

    /// What is reached through others, by trying all entries until nothing new is found.
    fn indirect(&self, entry: &Entry, links: Links) -> Vec<FarEnd> {
        let direct: BTreeSet<&RecordRef> = self.direct(entry, links).collect();
        let mut reached = direct.clone();
        loop {
            let before = reached.len();
            for other in &self.entries {
                let counts = other.record.visible || links.shows_hidden;
                if counts && reached.contains(&other.record.key.record) {
                    reached.extend(self.direct(other, links));
                }
            }
            if reached.len() == before {
                break;
            }
        }
        let own = &entry.record.key.record;
        let indirect = reached.difference(&direct).filter(|far| **far != own);
        indirect.map(|far| FarEnd { direct: false, ..self.far_end(far) }).collect()
    }

    fn far_end(&self, far: &RecordRef) -> FarEnd {
        let entry = self.entries.iter().find(|entry| entry.record.key.record == *far);
        let record = &entry.expect("links join entries").record;
        FarEnd {
            resource_type: far.kind.clone(),
            id: far.id.clone(),
            name: record.name.clone(),
            visible: record.visible,
            direct: true,
        }
    }
}

pub(super) fn registry() -> Registry {
    let view = |resource_type, attribute, relation, end, shape| LinkView {
        resource_type,
        extension: None,
        attribute,
        relation,
        end,
        shape,
        shows_hidden: false,
    };
    let of_extension = |view: LinkView| LinkView { extension: Some(EXTENSION), shows_hidden: true, ..view };
    let direct = LinkShape::List { kind: Some("direct") };
    Registry::builder()
        .schema(schema::user())
        .schema(schema::group())
        .schema(schema::enterprise_user())
        .schema(extension())
        .schema(Schema {
            id: GROUP_EXTENSION.to_owned(),
            name: None,
            description: None,
            attributes: vec![all_groups()],
        })
        .resource_type(
            ResourceType::new("User", "/Users", schema::urn::USER)
                .with_extension(schema::urn::ENTERPRISE_USER)
                .with_extension(EXTENSION),
        )
        .resource_type(
            ResourceType::new("Group", "/Groups", schema::urn::GROUP).with_extension(GROUP_EXTENSION),
        )
        .link(view("Group", "members", "member", End::Owner, LinkShape::List { kind: None }))
        .link(view("User", "groups", "member", End::Member, direct))
        .link(of_extension(view("User", "office", "office", End::Member, LinkShape::Name)))
        .link(LinkView {
            shows_hidden: false,
            ..of_extension(view("User", "allGroups", "member", End::Member, LinkShape::Nested))
        })
        .link(LinkView {
            extension: Some(GROUP_EXTENSION),
            ..view("Group", "allGroups", "member", End::Member, LinkShape::Nested)
        })
        .link(of_extension(view("User", "teams", "team", End::Member, LinkShape::Names)))
        .build()
        .expect("the directory's types contradict nothing")
}

/// The groups that are reached through others as well.
fn all_groups() -> Attribute {
    let far = ["value", "$ref", "type", "display"].map(|name| Attribute::new(name, AttributeType::String));
    Attribute {
        multi_valued: true,
        mutability: Mutability::ReadOnly,
        sub_attributes: far.to_vec(),
        ..Attribute::new("allGroups", AttributeType::Complex)
    }
}

/// Attributes of the types that the standard's own schemas lack, and linked names.
fn extension() -> Schema {
    let exact = |name| Attribute { case_exact: Some(true), ..Attribute::new(name, AttributeType::String) };
    let attributes = vec![
        all_groups(),
        Attribute::new("level", AttributeType::Integer),
        Attribute::new("ratio", AttributeType::Decimal),
        Attribute::new("since", AttributeType::DateTime),
        exact("badge"),
        Attribute { multi_valued: true, ..Attribute::new("tags", AttributeType::String) },
        Attribute::new("office", AttributeType::String),
        exact("teams"),
    ];
    Schema { id: EXTENSION.to_owned(), name: None, description: None, attributes }
}

fn entry(registry: &Registry, space: &Space, raw: &Map<String, Value>) -> Entry {
    let text = |name: &str| raw.get(name).and_then(Value::as_str).map(str::to_owned);
    let (kind, id) = (text("kind").expect("a kind"), text("id").expect("an id"));
    let mut record = PutRecord {
        key: RecordKey::new(space, &kind, &id),
        visible: raw.get("visible") != Some(&Value::Bool(false)),
        name: text("name"),
        document: scim_core::Document::new(),
        extra: Map::new(),
        form: Map::new(),
        indexed: Vec::new(),
    };
    if let (Some(def), Some(Value::Object(body))) = (registry.type_named(&kind), raw.get("resource")) {
        let mut body = body.clone();
        for (short, uri) in [("contract", EXTENSION), ("enterprise", schema::urn::ENTERPRISE_USER)] {
            if let Some(parts) = body.remove(short) {
                body.insert(uri.to_owned(), parts);
            }
        }
        body.insert("schemas".to_owned(), Value::from([def.base().id.as_str()].as_slice()));
        let desired = def.create(body, Leniency::default());
        record.document = desired.unwrap_or_else(|error| panic!("{id}: {error}")).document;
        record.name = crate::display_name(&record.document);
        record.form = def.match_form(&record.document);
        record.indexed = indexed_values(&record.form);
    }
    shown_names(&mut record, raw);
    let created = raw.get("created").and_then(Value::as_i64).expect("a time of creation");
    Entry { record, version: 0, created, modified: 0, links: Vec::new() }
}

/// Two users have the joined names of their teams as a client once sent them; of one that is not true any more.
fn shown_names(record: &mut PutRecord, raw: &Map<String, Value>) {
    let shown: BTreeMap<&str, (&str, &str)> =
        BTreeMap::from([("u-01", ("Design,Ops", "Ops, Design")), ("u-19", ("Design", "just Design"))]);
    let id = raw.get("id").and_then(Value::as_str).unwrap_or_default();
    if let Some((of, text)) = shown.get(id) {
        let key = scim_core::shown_key(Some(EXTENSION), "teams");
        let shown = serde_json::json!({ key: { "of": of, "text": text } });
        record.extra.insert("$shown".to_owned(), shown.clone());
        record.form.insert("$shown".to_owned(), shown);
    }
}

/// All links, and when they are made.
fn links(space: &Space, raw: &[Map<String, Value>]) -> Vec<(LinkKey, i64)> {
    let kind_of = |id: &str| match id.split('-').next() {
        Some("g") => "Group",
        Some("o") => "Office",
        Some("t") => "Team",
        _ => "User",
    };
    let mut all = Vec::new();
    for raw in raw {
        let near = raw.get("id").and_then(Value::as_str).expect("an id");
        let of = |name: &str, relation, end| {
            let ids: Vec<&str> = match raw.get(name) {
                Some(Value::String(id)) => vec![id.as_str()],
                Some(Value::Array(ids)) => ids.iter().filter_map(Value::as_str).collect(),
                _ => Vec::new(),
            };
            let links = Links { relation, end, shows_hidden: false, nested: false };
            let key = |far: &str| {
                let (near, far) = (RecordRef::new(kind_of(near), near), RecordRef::new(kind_of(far), far));
                LinkKey::between(space, links, near, far)
            };
            ids.into_iter().map(key).collect::<Vec<_>>()
        };
        all.extend(of("members", "member", End::Owner));
        all.extend(of("office", "office", End::Member));
        all.extend(of("teams", "team", End::Member));
    }
    // Some links are made when their ends are long there, others in the same moment.
    all.into_iter()
        .zip(0_i64..)
        .map(|(link, number)| (link, 1_767_315_900_000 + (number % 3) * 1_000))
        .collect()
}
