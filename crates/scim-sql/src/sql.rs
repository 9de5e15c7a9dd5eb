//! Pieces of SQL with the values that belong into them.

use crate::dialect::Dialect;

/// Stands for a parameter until the dialect has numbered it; no SQL holds this character.
const MARK: char = '\0';

/// A value that is bound to a parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum Param {
    /// Text.
    Text(String),
    /// A whole number.
    Int(i64),
    /// Any other number.
    Real(f64),
    /// A boolean.
    Bool(bool),
}

/// A piece of SQL. Values never become part of the text: they are bound.
///
/// ```
/// use scim_sql::{Param, Sql, Sqlite};
///
/// let mut sql = Sql::raw("SELECT id FROM people WHERE name = ");
/// sql.bind(Param::Text("lea".into()));
/// assert_eq!(sql.finish(&Sqlite).0, "SELECT id FROM people WHERE name = ?1");
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sql {
    text: String,
    params: Vec<Param>,
}

impl Sql {
    /// Takes SQL as it stands, without values.
    #[must_use]
    pub fn raw(text: impl Into<String>) -> Self {
        // The mark is taken out, so that it always stands for a parameter of ours.
        let mut text = text.into();
        text.retain(|c| c != MARK);
        Self { text, params: Vec::new() }
    }

    /// A parameter with its value.
    #[must_use]
    pub fn param(value: Param) -> Self {
        Self { text: MARK.to_string(), params: vec![value] }
    }

    /// A parameter with a text.
    #[must_use]
    pub fn text(value: impl Into<String>) -> Self {
        Self::param(Param::Text(value.into()))
    }

    /// A parameter with a whole number.
    #[must_use]
    pub fn int(value: i64) -> Self {
        Self::param(Param::Int(value))
    }

    /// Fills each `{}` of the template with a piece, in order.
    #[must_use]
    pub fn template<const N: usize>(template: &str, pieces: [Sql; N]) -> Self {
        let mut filled = Self::default();
        let mut gaps = template.split("{}");
        filled.push(gaps.next().unwrap_or_default());
        for (piece, text) in pieces.into_iter().zip(gaps) {
            filled.append(piece);
            filled.push(text);
        }
        filled
    }

    /// Adds SQL as it stands.
    pub fn push(&mut self, text: &str) -> &mut Self {
        self.text.extend(text.chars().filter(|c| *c != MARK));
        self
    }

    /// Adds a parameter with its value.
    pub fn bind(&mut self, value: Param) -> &mut Self {
        self.append(Self::param(value))
    }

    /// Adds another piece.
    pub fn append(&mut self, other: Sql) -> &mut Self {
        self.text.push_str(&other.text);
        self.params.extend(other.params);
        self
    }

    /// Joins conditions by `AND` or `OR`, halving them, so that a long list nests no deeper than it must.
    pub(crate) fn joined(mut conditions: Vec<Sql>, operator: &str) -> Self {
        match conditions.len() {
            0 => Self::default(),
            1 => conditions.swap_remove(0),
            count => {
                let right = Self::joined(conditions.split_off(count / 2), operator);
                let left = Self::joined(conditions, operator);
                let mut both = Self::raw("(");
                both.append(left).push(operator).append(right).push(")");
                both
            }
        }
    }

    /// The statement as the dialect writes its parameters, and their values in order.
    #[must_use]
    pub fn finish(self, dialect: &dyn Dialect) -> (String, Vec<Param>) {
        let mut text = String::with_capacity(self.text.len() + self.params.len() * 2);
        let mut pieces = self.text.split(MARK);
        text.push_str(pieces.next().unwrap_or_default());
        for (at, (piece, param)) in pieces.zip(&self.params).enumerate() {
            dialect.placeholder(at + 1, param, &mut text);
            text.push_str(piece);
        }
        (text, self.params)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Sqlite;

    #[test]
    fn templates_keep_values_in_order() {
        let sql = Sql::template("a = {} AND {} AND b = {}", [Sql::int(1), Sql::raw("c"), Sql::text("x\0{}")]);
        let (text, params) = sql.finish(&Sqlite);
        assert_eq!(text, "a = ?1 AND c AND b = ?2");
        assert_eq!(params, [Param::Int(1), Param::Text("x\0{}".into())]);
    }

    #[test]
    fn long_lists_nest_by_halves() {
        let (text, _) =
            Sql::joined((0..5).map(|n| Sql::raw(n.to_string())).collect(), " OR ").finish(&Sqlite);
        assert_eq!(text, "((0 OR 1) OR (2 OR (3 OR 4)))");
    }
}
