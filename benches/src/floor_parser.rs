//! A small filter parser written by hand: the floor that the real one is measured against.
//!
//! It borrows all text, makes the same kind of tree, and does nothing more: no error says what is
//! wrong, no limit holds, names are not checked, and of surrogate pairs it knows nothing.

use std::borrow::Cow;

/// A filter, as [`parse`] reads it.
#[derive(Debug, PartialEq)]
pub enum Filter<'a> {
    /// `path pr`.
    Present(Path<'a>),
    /// `path op value`.
    Compare(Path<'a>, Op, Value<'a>),
    /// `path[filter]`.
    ValuePath(Path<'a>, Box<Filter<'a>>),
    /// `not (filter)`.
    Not(Box<Filter<'a>>),
    /// Terms joined by `and`.
    And(Vec<Filter<'a>>),
    /// Terms joined by `or`.
    Or(Vec<Filter<'a>>),
}

/// `[URI:]name[.sub]`.
#[derive(Debug, PartialEq)]
pub struct Path<'a> {
    schema: Option<&'a str>,
    name: &'a str,
    sub: Option<&'a str>,
}

/// An operator that takes a value.
#[derive(Clone, Copy, Debug, PartialEq)]
#[expect(missing_docs, reason = "named as in the grammar")]
pub enum Op {
    Eq,
    Ne,
    Co,
    Sw,
    Ew,
    Gt,
    Ge,
    Lt,
    Le,
}

/// A JSON value.
#[derive(Debug, PartialEq)]
pub enum Value<'a> {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// The digits of a number.
    Number(&'a str),
    /// A text.
    Text(Cow<'a, str>),
}

/// Parses a filter, or says no.
pub fn parse(input: &str) -> Option<Filter<'_>> {
    let mut parser = Parser { input, at: 0 };
    let filter = parser.or()?;
    (parser.at == input.len()).then_some(filter)
}

struct Parser<'a> {
    input: &'a str,
    at: usize,
}

impl<'a> Parser<'a> {
    fn or(&mut self) -> Option<Filter<'a>> {
        let first = self.and()?;
        if !self.joined(" or ") {
            return Some(first);
        }
        let mut terms = vec![first, self.and()?];
        while self.joined(" or ") {
            terms.push(self.and()?);
        }
        Some(Filter::Or(terms))
    }

    fn and(&mut self) -> Option<Filter<'a>> {
        let first = self.term()?;
        if !self.joined(" and ") {
            return Some(first);
        }
        let mut terms = vec![first, self.term()?];
        while self.joined(" and ") {
            terms.push(self.term()?);
        }
        Some(Filter::And(terms))
    }

    fn term(&mut self) -> Option<Filter<'a>> {
        if self.take(b'(') {
            let inner = self.or()?;
            return self.take(b')').then_some(inner);
        }
        let path = self.path()?;
        if self.take(b'[') {
            let mut inner = self.or()?;
            if !self.take(b']') {
                return None;
            }
            if self.take(b'.') {
                let sub = self.path()?;
                inner = Filter::And(vec![inner, self.compare(sub)?]);
            }
            return Some(Filter::ValuePath(path, Box::new(inner)));
        }
        if path.name.eq_ignore_ascii_case("not") && self.joined(" (") {
            let inner = self.or()?;
            return self.take(b')').then(|| Filter::Not(Box::new(inner)));
        }
        self.compare(path)
    }

    fn compare(&mut self, path: Path<'a>) -> Option<Filter<'a>> {
        let op = self.input.as_bytes().get(self.at..self.at + 3)?;
        self.at += 3;
        let op = match [op[0], op[1] | 0x20, op[2] | 0x20] {
            [b' ', b'p', b'r'] => return Some(Filter::Present(path)),
            [b' ', b'e', b'q'] => Op::Eq,
            [b' ', b'n', b'e'] => Op::Ne,
            [b' ', b'c', b'o'] => Op::Co,
            [b' ', b's', b'w'] => Op::Sw,
            [b' ', b'e', b'w'] => Op::Ew,
            [b' ', b'g', b't'] => Op::Gt,
            [b' ', b'g', b'e'] => Op::Ge,
            [b' ', b'l', b't'] => Op::Lt,
            [b' ', b'l', b'e'] => Op::Le,
            _ => return None,
        };
        let value = if self.take(b' ') { self.value()? } else { return None };
        Some(Filter::Compare(path, op, value))
    }

    fn path(&mut self) -> Option<Path<'a>> {
        let start = self.at;
        let (mut name, mut dot) = (start, None);
        while let Some(byte) = self.peek() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'$' | b'-' | b'_' => {}
                b'.' => dot = Some(self.at),
                b':' => (name, dot) = (self.at + 1, None),
                _ => break,
            }
            self.at += 1;
        }
        Some(Path {
            schema: (name > start).then(|| &self.input[start..name - 1]),
            name: self.input.get(name..dot.unwrap_or(self.at)).filter(|name| !name.is_empty())?,
            sub: dot.map(|dot| &self.input[dot + 1..self.at]),
        })
    }

    fn value(&mut self) -> Option<Value<'a>> {
        if !self.take(b'"') {
            let start = self.at;
            while self.peek().is_some_and(|byte| !matches!(byte, b' ' | b')' | b']')) {
                self.at += 1;
            }
            return match &self.input[start..self.at] {
                "true" => Some(Value::Bool(true)),
                "false" => Some(Value::Bool(false)),
                "null" => Some(Value::Null),
                digits if digits.starts_with(|c: char| c == '-' || c.is_ascii_digit()) => {
                    Some(Value::Number(digits))
                }
                _ => None,
            };
        }
        let start = self.at;
        let mut escaped = false;
        loop {
            match self.peek()? {
                b'"' => break,
                b'\\' => (escaped, self.at) = (true, self.at + 2),
                _ => self.at += 1,
            }
        }
        let text = &self.input[start..self.at];
        self.at += 1;
        let text = if escaped { Cow::Owned(unescape(text)?) } else { Cow::Borrowed(text) };
        Some(Value::Text(text))
    }

    fn peek(&self) -> Option<u8> {
        self.input.as_bytes().get(self.at).copied()
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn joined(&mut self, word: &str) -> bool {
        let next = self.input.as_bytes().get(self.at..self.at + word.len());
        let found = next.is_some_and(|next| next.eq_ignore_ascii_case(word.as_bytes()));
        self.at += if found { word.len() } else { 0 };
        found
    }
}

fn unescape(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        out.push(match (c, if c == '\\' { chars.next()? } else { c }) {
            ('\\', 'n') => '\n',
            ('\\', 'r') => '\r',
            ('\\', 't') => '\t',
            ('\\', 'b') => '\u{8}',
            ('\\', 'f') => '\u{c}',
            ('\\', 'u') => {
                let digits = chars.as_str().get(..4)?;
                chars = chars.as_str()[4..].chars();
                char::from_u32(u32::from_str_radix(digits, 16).ok()?)?
            }
            (_, other) => other,
        });
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(name: &str) -> Path<'_> {
        Path { schema: None, name, sub: None }
    }

    #[test]
    fn reads_what_it_is_measured_on() {
        let work = Filter::Compare(path("type"), Op::Eq, Value::Text("work".into()));
        let primary = Filter::Compare(path("primary"), Op::Eq, Value::Bool(true));
        assert_eq!(
            parse(r#"not (title pr) or emails[type eq "work"].primary eq true"#),
            Some(Filter::Or(vec![
                Filter::Not(Box::new(Filter::Present(path("title")))),
                Filter::ValuePath(path("emails"), Box::new(Filter::And(vec![work, primary]))),
            ]))
        );
        let text = Value::Text("a\"\u{e9}".into());
        assert_eq!(parse(r#"a eq "a\"\u00e9""#), Some(Filter::Compare(path("a"), Op::Eq, text)));
        let path = Path { schema: Some("urn:x:2.0:User"), name: "manager", sub: Some("value") };
        assert_eq!(parse("urn:x:2.0:User:manager.value pr"), Some(Filter::Present(path)));
    }
}
