use super::Budget;
use super::fail::{Fail, Fault, PResult, fail, stop};
use super::path::{attr_path, end_of_path, start_of_path, starts_name};
use super::token::{Class, at_word_end, blanks, class, joined_by, word};
use super::value::literal;
use crate::attr_name::AttrName;
use crate::attr_path::AttrPath;
use crate::filter::{CompareOp, Filter};
use crate::patch_path::PatchPath;

type Whole<'a, T> = Result<T, nom::Err<Fail<'a>>>;

/// Where an expression stands.
#[derive(Clone, Copy)]
struct Scope<'b> {
    budget: &'b Budget,
    /// How many parentheses and brackets are open.
    depth: usize,
    /// Whether one of them is a bracket.
    bracketed: bool,
}

impl<'b> Scope<'b> {
    fn top(budget: &'b Budget) -> Self {
        Self { budget, depth: 0, bracketed: false }
    }

    /// One level down, behind the parenthesis or bracket at `i`.
    fn enter<'a>(self, i: &'a str) -> Result<Self, nom::Err<Fail<'a>>> {
        if self.depth >= self.budget.depth {
            return Err(fail(Fault::TooDeep, &i[..1]));
        }
        Ok(Self { depth: self.depth + 1, ..self })
    }
}

pub(super) fn whole_filter<'a>(i: &'a str, budget: &Budget) -> Whole<'a, Filter<'a>> {
    let i = blanks(i);
    if i.is_empty() {
        return Err(fail(Fault::Empty, i));
    }
    let (i, filter) = or_expr(i, Scope::top(budget))?;
    let rest = blanks(i);
    if rest.is_empty() { Ok(filter) } else { Err(trailing(i)) }
}

pub(super) fn whole_patch_path<'a>(i: &'a str, budget: &Budget) -> Whole<'a, PatchPath<'a>> {
    let (i, ()) = start_of_path(i)?;
    let (i, path) = attr_path(i)?;
    if !i.starts_with('[') {
        end_of_path(i)?;
        return Ok(path.into());
    }
    if path.sub().is_some() {
        return Err(fail(Fault::FilteredSubAttribute, &i[..1]));
    }
    let (i, filter) = brackets(i, Scope::top(budget))?;
    let (i, sub) = dot_sub(i)?;
    end_of_path(i)?;
    Ok(PatchPath::filtered(path, filter, sub))
}

/// `or` binds loosest, so `a and b or c` is `(a and b) or c`.
fn or_expr<'a>(i: &'a str, scope: Scope<'_>) -> PResult<'a, Filter<'a>> {
    let (mut i, mut filter) = and_expr(i, scope)?;
    while let (rest, true) = joined_by("or", i)? {
        let (rest, next) = and_expr(rest, scope)?;
        (i, filter) = (rest, filter.or(next));
    }
    Ok((i, filter))
}

fn and_expr<'a>(i: &'a str, scope: Scope<'_>) -> PResult<'a, Filter<'a>> {
    let (mut i, mut filter) = term(i, scope)?;
    while let (rest, true) = joined_by("and", i)? {
        let (rest, next) = term(rest, scope)?;
        (i, filter) = (rest, filter.and(next));
    }
    Ok((i, filter))
}

/// A group, a negation, a value path, a comparison or a presence test.
fn term<'a>(i: &'a str, scope: Scope<'_>) -> PResult<'a, Filter<'a>> {
    if i.starts_with('(') {
        return group(i, scope);
    }
    let start = i;
    let (i, path) = attr_path(i)?;
    // The text of the path, as it was written.
    let text = &start[..start.len() - i.len()];
    let negates = text.eq_ignore_ascii_case("not");
    if negates && blanks(i).starts_with('(') {
        let (i, inner) = group(blanks(i), scope)?;
        return Ok((i, Filter::Not(Box::new(inner))));
    }
    if i.starts_with('[') {
        return value_path(i, path, text, scope);
    }
    if scope.bracketed && (path.schema().is_some() || path.sub().is_some()) {
        return stop(Fault::NotASubAttribute, text);
    }
    attr_expr(i, path, text, scope)
}

/// `( … )`, which is what stands inside.
fn group<'a>(i: &'a str, scope: Scope<'_>) -> PResult<'a, Filter<'a>> {
    let inside = scope.enter(i)?;
    let (i, filter) = or_expr(blanks(&i[1..]), inside)?;
    let i = closed(i, b')', Fault::UnclosedGroup)?;
    Ok((i, filter))
}

/// `[ … ]`, which is what stands inside.
fn brackets<'a>(i: &'a str, scope: Scope<'_>) -> PResult<'a, Filter<'a>> {
    let inside = Scope { bracketed: true, ..scope.enter(i)? };
    let content = blanks(&i[1..]);
    if content.starts_with(']') {
        return stop(Fault::Empty, &content[..0]);
    }
    let (i, filter) = or_expr(content, inside)?;
    let i = closed(i, b']', Fault::UnclosedBracket)?;
    Ok((i, filter))
}

/// Reads the closing `mark`, or says what is wrong there.
fn closed<'a>(i: &'a str, mark: u8, missing: Fault) -> Result<&'a str, nom::Err<Fail<'a>>> {
    let rest = blanks(i);
    match rest.bytes().next() {
        Some(byte) if byte == mark => Ok(&rest[1..]),
        None | Some(b')' | b']') => Err(fail(missing, &rest[..0])),
        Some(_) => Err(trailing(i)),
    }
}

/// What stands where only `and`, `or` or the end may.
#[cold]
fn trailing(i: &str) -> nom::Err<Fail<'_>> {
    let rest = blanks(i);
    let found = word(rest);
    let joins = found.eq_ignore_ascii_case("and") || found.eq_ignore_ascii_case("or");
    let fault = if joins && rest.len() == i.len() { Fault::MissingBlank } else { Fault::Trailing };
    fail(fault, found)
}

/// The rest of `path[…]`, and of `path[…].sub op value`, which means `path[… and sub op value]`.
fn value_path<'a>(
    i: &'a str,
    path: AttrPath<'a>,
    text: &'a str,
    scope: Scope<'_>,
) -> PResult<'a, Filter<'a>> {
    if scope.bracketed {
        return stop(Fault::NestedBrackets, &i[..1]);
    }
    let start = i;
    let (i, filter) = brackets(i, scope)?;
    let (i, sub) = dot_sub(i)?;
    let Some(sub) = sub else { return Ok((i, Filter::ValuePath { path, filter: Box::new(filter) })) };
    // The attribute as it was written: from the name to the end of the sub-attribute.
    let _ = text;
    let (i, compared) = attr_expr(i, sub.into(), &start[..start.len() - i.len()], scope)?;
    Ok((i, Filter::ValuePath { path, filter: Box::new(filter.and(compared)) }))
}

/// `.sub` behind a closing bracket, if there is one.
fn dot_sub(i: &str) -> PResult<'_, Option<AttrName<'_>>> {
    let Some(name) = i.strip_prefix('.') else { return Ok((i, None)) };
    let end = name.bytes().position(|byte| class(byte) != Class::Name).unwrap_or(name.len());
    if !starts_name(name.as_bytes(), 0, end) || !at_word_end(&name[end..]) {
        return stop(Fault::BadAttrName, word(i));
    }
    Ok((&name[end..], Some(AttrName::from_checked(&name[..end]))))
}

/// The rest of `path pr` and `path op value`.
fn attr_expr<'a>(i: &'a str, path: AttrPath<'a>, text: &'a str, scope: Scope<'_>) -> PResult<'a, Filter<'a>> {
    let (i, op) = operator(i, text)?;
    let left = scope.budget.terms.get();
    if left == 0 {
        return stop(Fault::TooManyTerms, text);
    }
    scope.budget.terms.set(left - 1);
    let Some(op) = op else { return Ok((i, Filter::Present(path))) };
    let (i, value) = literal(i)?;
    Ok((i, Filter::Compare { path, op, value }))
}

/// An operator in any case with the blanks around it; none means `pr`.
fn operator<'a>(i: &'a str, text: &'a str) -> PResult<'a, Option<CompareOp>> {
    let start = blanks(i);
    let found = word(start);
    if start.len() == i.len() || start.starts_with([')', ']']) {
        return no_operator(start, text);
    }
    let rest = &start[found.len()..];
    let mut lower = [0; 2];
    if found.len() == 2 {
        lower.copy_from_slice(found.as_bytes());
        lower.make_ascii_lowercase();
    }
    let op = match &lower {
        b"pr" => {
            return if at_word_end(rest) { Ok((rest, None)) } else { stop(Fault::MissingBlank, word(rest)) };
        }
        b"eq" => CompareOp::Eq,
        b"ne" => CompareOp::Ne,
        b"co" => CompareOp::Co,
        b"sw" => CompareOp::Sw,
        b"ew" => CompareOp::Ew,
        b"gt" => CompareOp::Gt,
        b"ge" => CompareOp::Ge,
        b"lt" => CompareOp::Lt,
        b"le" => CompareOp::Le,
        _ if text.eq_ignore_ascii_case("not") => return stop(Fault::NotWithoutGroup, text),
        _ => return stop(Fault::UnknownOperator, found),
    };
    let value = blanks(rest);
    if value.is_empty() || value.starts_with([')', ']']) {
        return stop(Fault::MissingValue, found);
    }
    if value.len() == rest.len() {
        return stop(Fault::MissingBlank, word(value));
    }
    Ok((value, Some(op)))
}

/// No operator follows an attribute: because nothing does, or because no blank is in between.
#[cold]
fn no_operator<'a>(i: &'a str, text: &'a str) -> PResult<'a, Option<CompareOp>> {
    if i.is_empty() || i.starts_with([')', ']']) {
        stop(Fault::MissingOperator, text)
    } else {
        stop(Fault::MissingBlank, word(i))
    }
}
