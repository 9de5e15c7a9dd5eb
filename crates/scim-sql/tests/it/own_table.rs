//! An application's own tables: typed columns that may be null, a list in a table beside.

use rusqlite::{Connection, params_from_iter, types::Value as SqlValue};
use scim_core::schema::{self, Attribute, AttributeType, Schema};
use scim_core::syntax::parse_filter;
use scim_core::{
    BindContext, Document, Field, Part, Predicate, Registry, ResourceType, Subject, TypeDef, UnknownAttribute,
};
use scim_sql::{Columns, Lookup, Param, Rows, Sql, Sqlite, Value, lower, lower_order};
use serde_json::json;

const URN: &str = "urn:example:schemas:Person";

/// Id, nick name, active, age, e-mail addresses.
type Person = (&'static str, Option<&'static str>, Option<bool>, Option<f64>, &'static [&'static str]);

const PEOPLE: &[Person] = &[
    ("p1", Some("lea"), Some(true), Some(5.0), &["lea@x", "lea@y"]),
    ("p2", Some("bob"), Some(false), Some(5.5), &["bob@x"]),
    ("p3", None, None, None, &[]),
    ("p4", Some("100%_'\"\\"), Some(true), Some(-1.0), &["it's@x"]),
    ("p5", Some("5"), None, Some(0.0), &["lea@x"]),
];

struct Table;

impl Columns for Table {
    fn id(&self) -> Value {
        Value::RequiredText(Sql::raw("p.id"))
    }

    fn created(&self) -> Value {
        Value::RequiredNumber(Sql::raw("p.created"))
    }

    fn field(&self, field: &Field) -> Value {
        match field.path().as_str() {
            "nickName" => Value::Text(Sql::raw("p.nick")),
            "active" => Value::Bool(Sql::raw("p.active")),
            "age" => Value::Number(Sql::raw("p.age")),
            _ => Value::Absent,
        }
    }

    fn elements(&self, list: &Field) -> Option<Rows> {
        (list.name == "emails").then(|| Rows {
            from: Sql::raw("email m"),
            condition: Sql::raw("m.person = p.id"),
            part: Box::new(|part| match part {
                Part::Sub(sub) if sub == "value" => Value::RequiredText(Sql::raw("m.address")),
                _ => Value::Absent,
            }),
        })
    }

    fn find(&self, lookup: &Lookup<'_>) -> Option<Sql> {
        match lookup {
            Lookup::Field(field, text) if field.path() == "emails.value" => Some(Sql::template(
                "SELECT DISTINCT person AS id FROM email WHERE address = {}",
                [Sql::text(*text)],
            )),
            _ => None,
        }
    }
}

fn registry() -> Registry {
    let value = Attribute::new("value", AttributeType::String);
    let emails = Attribute {
        multi_valued: true,
        sub_attributes: vec![value],
        ..Attribute::new("emails", AttributeType::Complex)
    };
    let attributes = vec![
        Attribute::new("nickName", AttributeType::String),
        Attribute::new("active", AttributeType::Boolean),
        Attribute::new("age", AttributeType::Decimal),
        Attribute::new("shoeSize", AttributeType::Integer),
        emails,
    ];
    let schema = Schema { id: URN.to_owned(), name: None, description: None, attributes };
    let registry = Registry::builder()
        .schema(schema)
        .schema(schema::group())
        .resource_type(ResourceType::new("Person", "/People", URN))
        .build();
    registry.expect("types that contradict nothing")
}

fn database() -> Connection {
    let connection = Connection::open_in_memory().expect("a database");
    connection
        .execute_batch(
            "CREATE TABLE person (id TEXT NOT NULL, nick TEXT, active BOOLEAN, age REAL, created INTEGER NOT NULL);
             CREATE TABLE email (person TEXT NOT NULL, address TEXT NOT NULL);",
        )
        .expect("tables");
    for (id, nick, active, age, emails) in PEOPLE {
        connection
            .execute("INSERT INTO person VALUES (?1, ?2, ?3, ?4, 7)", (id, nick, active, age))
            .expect("a row");
        for address in *emails {
            connection.execute("INSERT INTO email VALUES (?1, ?2)", (id, address)).expect("a row");
        }
    }
    connection
}

fn select(connection: &Connection, condition: Sql, order: Sql) -> Vec<String> {
    let (text, params) =
        Sql::template("SELECT p.id FROM person p WHERE {} ORDER BY {}", [condition, order]).finish(&Sqlite);
    let params = params.into_iter().map(|param| match param {
        Param::Text(text) => SqlValue::Text(text),
        Param::Int(value) => SqlValue::Integer(value),
        Param::Real(value) => SqlValue::Real(value),
        Param::Bool(value) => SqlValue::Integer(value.into()),
    });
    let mut statement = connection.prepare(&text).unwrap_or_else(|error| panic!("{text}: {error}"));
    let rows = statement.query_map(params_from_iter(params), |row| row.get(0)).expect("rows");
    rows.collect::<Result<_, _>>().expect("ids")
}

fn matching(def: &TypeDef, holds: impl Fn(&Subject<'_>) -> bool) -> Vec<String> {
    let selected = PEOPLE.iter().filter(|(id, nick, active, age, emails)| {
        let emails: Vec<_> = emails.iter().map(|address| json!({ "value": address })).collect();
        let mut document = json!({ "nickName": nick, "active": active, "age": age, "emails": emails });
        let document = document.as_object_mut().expect("an object");
        document.retain(|_, value| !value.is_null() && value.as_array().is_none_or(|list| !list.is_empty()));
        let form = def.match_form(&Document::from_canonical(document.clone()));
        let links = |_| Vec::new();
        holds(&Subject { id, created: 7, modified: 7, version: "", form: &form, links: &links })
    });
    selected.map(|(id, ..)| (*id).to_owned()).collect()
}

fn bind(def: &TypeDef, filter: &str) -> Predicate {
    let context = BindContext { base: "https://x", endpoints: &[], unknown: UnknownAttribute::Refused };
    let parsed = parse_filter(filter).unwrap_or_else(|error| panic!("{filter}: {error}"));
    def.bind(&parsed, &context).unwrap_or_else(|error| panic!("{filter}: {error}"))
}

/// 7644-3.4.2.2-01: typed columns select as the matcher does; null never leaks through `not`.
#[test]
fn filters_select_as_the_matcher_does() {
    let (connection, registry) = (database(), registry());
    let def = registry.type_named("Person").expect("a type");
    for filter in [
        r#"nickName eq "LEA""#,
        r#"nickName ne "lea""#,
        r#"not (nickName eq "lea")"#,
        r#"not (nickName gt "lea")"#,
        r#"nickName co "%""#,
        r#"nickName sw "100%_""#,
        r#"nickName ew "\"\\""#,
        r#"nickName ew """#,
        r#"nickName sw """#,
        r#"nickName ge "5""#,
        "nickName pr",
        "not (nickName pr)",
        "nickName eq null",
        "active eq true",
        "active ne true",
        "not (active eq false)",
        "age gt 0",
        "age le 5",
        "age eq 5.5",
        "not (age lt 5)",
        "age ne 0",
        "shoeSize pr",
        "shoeSize ne 43",
        r#"emails eq "lea@x""#,
        r#"emails.value ne "lea@x""#,
        r#"emails[value ew "@x" and not (value sw "lea")]"#,
        "emails pr",
        "not (emails pr)",
        r#"id eq "p2" or meta.created gt "2026-01-01T00:00:00Z""#,
        r#"meta.created le "1970-01-01T00:00:00.007Z" and not (id ge "p3")"#,
        r#"meta.location eq "https://x/People/p4""#,
        r#"meta.location ew "p4""#,
    ] {
        let predicate = bind(def, filter);
        let condition = lower(&predicate, &Table, &Sqlite).into_sql();
        let order = lower_order(None, &Table, &Sqlite);
        let expected = matching(def, |subject| predicate.matches(subject));
        assert_eq!(select(&connection, condition, order), expected, "{filter}");
    }
}

/// 7644-3.4.2.3-01: absent last, and first when descending.
#[test]
fn orders_are_those_of_the_matcher() {
    let (connection, registry) = (database(), registry());
    let def = registry.type_named("Person").expect("a type");
    for (by, direction, expected) in [
        ("nickName", "ascending", ["p4", "p5", "p2", "p1", "p3"]),
        ("nickName", "descending", ["p3", "p1", "p2", "p5", "p4"]),
        ("age", "ascending", ["p4", "p5", "p1", "p2", "p3"]),
        ("age", "descending", ["p3", "p2", "p1", "p5", "p4"]),
        ("active", "ascending", ["p2", "p1", "p4", "p3", "p5"]),
        ("active", "descending", ["p3", "p5", "p1", "p4", "p2"]),
        ("id", "descending", ["p5", "p4", "p3", "p2", "p1"]),
        ("shoeSize", "ascending", ["p1", "p2", "p3", "p4", "p5"]),
    ] {
        let order = def.order(by, Some(direction)).expect("an order");
        let sql = lower_order(order.as_ref(), &Table, &Sqlite);
        assert_eq!(select(&connection, Sql::raw("TRUE"), sql), expected, "{by} {direction}");
    }
    // What has no column is left out: PostgreSQL orders by no constant.
    let order = def.order("shoeSize", None).expect("an order");
    assert_eq!(lower_order(order.as_ref(), &Table, &Sqlite), lower_order(None, &Table, &Sqlite));
}

/// Candidates are a superset, and there are none where an index would not help.
#[test]
fn candidates_come_from_equalities() {
    let registry = registry();
    let def = registry.type_named("Person").expect("a type");
    for (filter, looks_up) in [
        (r#"emails.value eq "lea@x""#, true),
        (r#"emails[value eq "lea@x" and value co "e"]"#, true),
        (r#"active eq true and (age gt 0 and emails eq "lea@x")"#, true),
        (r#"emails eq "lea@x" or emails eq "bob@x""#, true),
        (r#"emails eq "lea@x" or nickName eq "bob""#, false),
        (r#"not (emails eq "lea@x")"#, false),
        (r#"emails ne "lea@x""#, false),
        (r#"emails sw "lea@x""#, false),
        (r#"nickName eq "bob""#, false),
    ] {
        let candidates = scim_sql::Candidates::of(&bind(def, filter), &Table);
        assert_eq!(candidates.is_some(), looks_up, "{filter}");
    }
}
