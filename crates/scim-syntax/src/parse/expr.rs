use super::Budget;
use super::fail::{Fail, Fault, PResult, fail, stop};
use super::path::{PathText, attr_path, dot_sub, end_of_path, start_of_path};
use super::token::{Joint, after_joint, at_word_end, blanks, joint, word};
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

    /// One level down, behind the parenthesis or bracket at the start of `i`.
    fn enter<'a>(self, i: &'a str) -> Whole<'a, Self> {
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
    match or_expr(i, Scope::top(budget)) {
        Ok((rest, filter)) if blanks(rest).is_empty() => Ok(filter),
        Ok((rest, _)) => Err(trailing(rest)),
        Err(error) => Err(error),
    }
}

pub(super) fn whole_patch_path<'a>(i: &'a str, budget: &Budget) -> Whole<'a, PatchPath<'a>> {
    let (i, path) = attr_path(start_of_path(i)?)?;
    if !i.starts_with('[') {
        end_of_path(i)?;
        return Ok(AttrPath::from(path).into());
    }
    if path.sub.is_some() {
        return Err(fail(Fault::FilteredSubAttribute, &i[..1]));
    }
    let (i, filter) = brackets(i, Scope::top(budget))?;
    let (i, sub) = dot_sub(i)?;
    end_of_path(i)?;
    Ok(PatchPath::filtered(path.into(), filter, sub.map(|sub| AttrName::from_checked(sub.name))))
}

/// `or` binds loosest, so `a and b or c` is `(a and b) or c`.
fn or_expr<'a>(i: &'a str, scope: Scope<'_>) -> PResult<'a, Filter<'a>> {
    let read = and_expr(i, scope);
    // Most often there is nothing to join; then the tree stays where it was made. Moving trees is
    // what takes the time of a short filter.
    match read {
        Ok((rest, _)) if joint(rest) == Some(Joint::Or) => chain(read, Joint::Or, |i| and_expr(i, scope)),
        _ => read,
    }
}

fn and_expr<'a>(i: &'a str, scope: Scope<'_>) -> PResult<'a, Filter<'a>> {
    let read = term(i, scope);
    match read {
        Ok((rest, _)) if joint(rest) == Some(Joint::And) => chain(read, Joint::And, |i| term(i, scope)),
        _ => read,
    }
}

/// Reads on behind the first operand, as long as the same word joins another one to it.
#[inline(never)]
fn chain<'a>(
    first: PResult<'a, Filter<'a>>,
    word: Joint,
    operand: impl Fn(&'a str) -> PResult<'a, Filter<'a>>,
) -> PResult<'a, Filter<'a>> {
    let (mut i, first) = first?;
    let mut terms = Vec::new();
    append(&mut terms, first, word);
    while joint(i) == Some(word) {
        let (rest, next) = operand(after_joint(i, word)?)?;
        append(&mut terms, next, word);
        i = rest;
    }
    let filter = match word {
        Joint::And => Filter::And(terms),
        Joint::Or => Filter::Or(terms),
    };
    Ok((i, filter))
}

/// Adds a term; one that is itself joined by `word` adds its own terms, so that chains stay flat.
fn append<'a>(terms: &mut Vec<Filter<'a>>, term: Filter<'a>, word: Joint) {
    match (term, word) {
        (Filter::And(more), Joint::And) | (Filter::Or(more), Joint::Or) if terms.is_empty() => *terms = more,
        (Filter::And(more), Joint::And) | (Filter::Or(more), Joint::Or) => terms.extend(more),
        (term, _) => terms.push(term),
    }
}

/// A group, a negation, a value path, a comparison or a presence test.
fn term<'a>(i: &'a str, scope: Scope<'_>) -> PResult<'a, Filter<'a>> {
    if i.starts_with('(') {
        return group(i, scope);
    }
    let (i, path) = attr_path(i)?;
    if i.starts_with('[') {
        return value_path(i, path, scope);
    }
    if is_not(path) && blanks(i).starts_with('(') {
        let (i, inner) = group(blanks(i), scope)?;
        return Ok((i, Filter::Not(Box::new(inner))));
    }
    if scope.bracketed && path.text.len() > path.name.len() {
        return stop(Fault::NotASubAttribute, path.text);
    }
    attr_expr(i, path, scope)
}

/// Whether this is the word `not`, which may be the name of an attribute too.
fn is_not(path: PathText<'_>) -> bool {
    path.text.eq_ignore_ascii_case("not")
}

/// `( … )`, which is what stands inside.
fn group<'a>(i: &'a str, scope: Scope<'_>) -> PResult<'a, Filter<'a>> {
    let (i, filter) = or_expr(blanks(&i[1..]), scope.enter(i)?)?;
    Ok((closed(i, b')', Fault::UnclosedGroup)?, filter))
}

/// `[ … ]`, which is what stands inside.
fn brackets<'a>(i: &'a str, scope: Scope<'_>) -> PResult<'a, Filter<'a>> {
    let inside = Scope { bracketed: true, ..scope.enter(i)? };
    let content = blanks(&i[1..]);
    if content.starts_with(']') {
        return stop(Fault::Empty, &content[..0]);
    }
    let (i, filter) = or_expr(content, inside)?;
    Ok((closed(i, b']', Fault::UnclosedBracket)?, filter))
}

/// Reads the closing `mark`, or says what is wrong there.
fn closed(i: &str, mark: u8, missing: Fault) -> Whole<'_, &str> {
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
fn value_path<'a>(i: &'a str, path: PathText<'a>, scope: Scope<'_>) -> PResult<'a, Filter<'a>> {
    if scope.bracketed {
        return stop(Fault::NestedBrackets, &i[..1]);
    }
    let (i, mut filter) = brackets(i, scope)?;
    let (mut i, sub) = dot_sub(i)?;
    if let Some(sub) = sub {
        let (rest, compared) = attr_expr(i, sub, scope)?;
        (i, filter) = (rest, filter.and(compared));
    }
    Ok((i, Filter::ValuePath { path: path.into(), filter: Box::new(filter) }))
}

/// The rest of `path pr` and `path op value`.
fn attr_expr<'a>(i: &'a str, path: PathText<'a>, scope: Scope<'_>) -> PResult<'a, Filter<'a>> {
    let (i, op) = operator(i, path)?;
    match scope.budget.terms.get().checked_sub(1) {
        Some(left) => scope.budget.terms.set(left),
        None => return stop(Fault::TooManyTerms, path.text),
    }
    let Some(op) = op else { return Ok((i, Filter::Present(path.into()))) };
    let (i, value) = literal(i)?;
    Ok((i, Filter::Compare { path: path.into(), op, value }))
}

/// An operator in any case with the blanks around it; none means `pr`.
fn operator<'a>(i: &'a str, path: PathText<'a>) -> PResult<'a, Option<CompareOp>> {
    let start = blanks(i);
    let &[first, second, ..] = start.as_bytes() else { return no_operator(i, path) };
    // Setting this bit makes a capital letter small, and nothing else a letter.
    let op = match &[first | 0x20, second | 0x20] {
        b"pr" => None,
        b"eq" => Some(CompareOp::Eq),
        b"ne" => Some(CompareOp::Ne),
        b"co" => Some(CompareOp::Co),
        b"sw" => Some(CompareOp::Sw),
        b"ew" => Some(CompareOp::Ew),
        b"gt" => Some(CompareOp::Gt),
        b"ge" => Some(CompareOp::Ge),
        b"lt" => Some(CompareOp::Lt),
        b"le" => Some(CompareOp::Le),
        _ => return no_operator(i, path),
    };
    let rest = &start[2..];
    if !at_word_end(rest) {
        return no_operator(i, path);
    }
    if op.is_none() {
        return Ok((rest, op));
    }
    let value = blanks(rest);
    match value.bytes().next() {
        None | Some(b')' | b']') => stop(Fault::MissingValue, &start[..2]),
        Some(_) if value.len() == rest.len() => stop(Fault::MissingBlank, word(value)),
        Some(_) => Ok((value, op)),
    }
}

/// Says why no operator follows an attribute.
#[cold]
fn no_operator<'a>(i: &'a str, path: PathText<'a>) -> PResult<'a, Option<CompareOp>> {
    let start = blanks(i);
    match start.bytes().next() {
        None | Some(b')' | b']') => stop(Fault::MissingOperator, path.text),
        Some(_) if is_not(path) => stop(Fault::NotWithoutGroup, path.text),
        Some(_) => stop(Fault::UnknownOperator, word(start)),
    }
}
