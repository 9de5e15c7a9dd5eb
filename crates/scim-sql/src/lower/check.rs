//! One comparison of one value.

use scim_core::{Check, Scalar};

use super::Condition;
use crate::columns::Value;
use crate::dialect::{Dialect, JsonPlace, JsonView};
use crate::sql::{Param, Sql};

/// The kinds of values; those of different kinds are never equal, and none is before the other.
#[derive(Clone, Copy, Eq, PartialEq)]
enum Kind {
    Text,
    Bool,
    Number,
}

/// Whether the check holds for the value.
pub(super) fn check(value: &Value, check: &Check, dialect: &dyn Dialect) -> Condition {
    let typed = |sql: &Sql, kind| match comparison(sql.clone(), kind, check, dialect) {
        // A test for null is never null itself.
        Some(sql) if *check == Check::Present => Condition::When(sql),
        Some(sql) => Condition::When(Sql::template("coalesce({}, FALSE)", [sql])),
        None => Condition::Always(false),
    };
    let required = |sql: &Sql, kind| match comparison(sql.clone(), kind, check, dialect) {
        Some(_) if *check == Check::Present => Condition::Always(true),
        Some(sql) => Condition::When(sql),
        None => Condition::Always(false),
    };
    match value {
        Value::Absent => Condition::Always(false),
        Value::Text(sql) => typed(sql, Kind::Text),
        Value::RequiredText(sql) => required(sql, Kind::Text),
        Value::RequiredNumber(sql) => required(sql, Kind::Number),
        Value::Bool(sql) => typed(sql, Kind::Bool),
        Value::Number(sql) => typed(sql, Kind::Number),
        Value::Json(place) => json(place, check, false, dialect),
        Value::JsonOrList(place) => json(place, check, true, dialect),
    }
}

/// Whether the check holds for a JSON value, or for one of the values if it is a list and may be.
fn json(place: &JsonPlace, check: &Check, may_be_list: bool, dialect: &dyn Dialect) -> Condition {
    let Some(kind) = operand_kind(check) else {
        return Condition::When(dialect.json(place, JsonView::IsPresent));
    };
    let (is, view) = match kind {
        Kind::Text => (JsonView::IsText, JsonView::Text),
        Kind::Bool => (JsonView::IsBool, JsonView::Bool),
        Kind::Number => (JsonView::IsNumber, JsonView::Number),
    };
    let Some(holds) = comparison(dialect.json(place, view), kind, check, dialect) else {
        return Condition::Always(false);
    };
    let is = dialect.json(place, is);
    if !may_be_list {
        return Condition::When(Sql::template("CASE WHEN {} THEN {} ELSE FALSE END", [is, holds]));
    }
    let value = JsonPlace::Element { alias: "v".into(), sub: None };
    let some_value =
        dialect.exists(dialect.elements(place, "v"), json(&value, check, false, dialect).into_sql());
    Condition::When(Sql::template(
        "CASE WHEN {} THEN {} WHEN {} THEN {} ELSE FALSE END",
        [is, holds, dialect.json(place, JsonView::IsList), some_value],
    ))
}

/// Whether the check holds for the text behind a prefix, as in `meta.location`.
pub(super) fn behind_prefix(prefix: &str, value: &Value, check: &Check, dialect: &dyn Dialect) -> Condition {
    let (Value::Text(rest) | Value::RequiredText(rest)) = value else { return Condition::Always(false) };
    if let Check::Eq(Scalar::Text(text)) = check {
        // So that an index on what stands behind the prefix serves.
        return match text.strip_prefix(prefix) {
            Some(wanted) => {
                let equal = Check::Eq(Scalar::Text(wanted.to_owned()));
                self::check(value, &equal, dialect)
            }
            None => Condition::Always(false),
        };
    }
    let whole = Sql::template("({} || {})", [Sql::text(prefix), rest.clone()]);
    self::check(&Value::Text(whole), check, dialect)
}

/// The kind of value that a check asks for; none if any kind will do.
fn operand_kind(check: &Check) -> Option<Kind> {
    match check {
        Check::Present => None,
        Check::Contains(_) | Check::StartsWith(_) | Check::EndsWith(_) => Some(Kind::Text),
        Check::Eq(scalar)
        | Check::Ne(scalar)
        | Check::Gt(scalar)
        | Check::Ge(scalar)
        | Check::Lt(scalar)
        | Check::Le(scalar) => Some(match scalar {
            Scalar::Text(_) => Kind::Text,
            Scalar::Bool(_) => Kind::Bool,
            Scalar::Int(_) | Scalar::Real(_) => Kind::Number,
        }),
    }
}

/// The comparison of a value of that kind, null if the value is; none if the kinds do not go together.
fn comparison(value: Sql, kind: Kind, check: &Check, dialect: &dyn Dialect) -> Option<Sql> {
    if operand_kind(check).is_some_and(|wanted| wanted != kind) {
        return None;
    }
    let compare = |operator: &str, scalar: &Scalar| {
        let value = if kind == Kind::Text { dialect.bytewise(value.clone()) } else { value.clone() };
        let mut sql = value;
        sql.push(operator).bind(match scalar {
            Scalar::Text(text) => Param::Text(text.clone()),
            Scalar::Bool(value) => Param::Bool(*value),
            Scalar::Int(value) => Param::Int(*value),
            Scalar::Real(value) => Param::Real(*value),
        });
        sql
    };
    Some(match check {
        Check::Present => Sql::template("{} IS NOT NULL", [value]),
        Check::Contains(part) => dialect.contains(value, part),
        Check::StartsWith(part) => dialect.starts_with(value, part),
        Check::EndsWith(part) => dialect.ends_with(value, part),
        Check::Eq(scalar) => compare(" = ", scalar),
        Check::Ne(scalar) => compare(" <> ", scalar),
        Check::Gt(scalar) => compare(" > ", scalar),
        Check::Ge(scalar) => compare(" >= ", scalar),
        Check::Lt(scalar) => compare(" < ", scalar),
        Check::Le(scalar) => compare(" <= ", scalar),
    })
}
