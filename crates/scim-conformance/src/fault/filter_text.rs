//! What faults do to filters: just enough of the grammar to change one part and leave the rest.

use scim_testkit::http::Request;
use serde_json::Value;

use super::edit::{body, edit_body, edit_query, parameter};

const OPERATORS: [&str; 10] = ["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le", "pr"];

/// The attribute by which the checks find the users they have made: faults leave it alone, so that a
/// check sees the fault and not an empty list.
const MARK: &str = "userType";

/// One comparison of a filter.
pub(super) struct Comparison<'f> {
    pub(super) attribute: &'f str,
    /// In lower case.
    pub(super) operator: String,
    /// As it stands in the filter; empty for `pr`.
    pub(super) operand: &'f str,
}

impl Comparison<'_> {
    /// The same with another operator.
    pub(super) fn with(&self, operator: &str) -> String {
        format!("{} {operator} {}", self.attribute, self.operand)
    }

    pub(super) fn is(&self, operator: &str) -> bool {
        self.operator == operator
    }

    pub(super) fn is_one_of(&self, operators: &[&str]) -> bool {
        operators.contains(&self.operator.as_str())
    }

    /// The operand, if it is a text.
    pub(super) fn text(&self) -> Option<String> {
        serde_json::from_str(self.operand).ok()
    }
}

/// The filter of a query.
pub(super) fn filter(request: &Request) -> Option<String> {
    if request.target.contains(".search") {
        return body(request)?.get("filter")?.as_str().map(str::to_owned);
    }
    parameter(request, "filter")
}

/// Changes the filter of a query.
pub(super) fn edit_filter(request: &mut Request, change: impl Fn(&str) -> String) {
    edit_query(request, |name, value| Some(if name == "filter" { change(value) } else { value.to_owned() }));
    if request.target.contains(".search") {
        edit_body(request, |body| {
            if let Some(Value::String(filter)) = body.get_mut("filter") {
                *filter = change(filter);
            }
        });
    }
}

/// The request with another filter.
pub(super) fn with_filter(request: &Request, filter: &str) -> Request {
    let mut request = request.clone();
    edit_filter(&mut request, |_| filter.to_owned());
    request
}

/// Changes comparisons of the filter of a query.
pub(super) fn compared(request: &mut Request, change: impl Fn(&Comparison<'_>) -> Option<String>) {
    edit_filter(request, |filter| compare(filter, &change));
}

/// The comparisons of a filter.
pub(super) fn any_comparison(filter: &str, wanted: impl Fn(&Comparison<'_>) -> bool) -> bool {
    let found = std::cell::Cell::new(false);
    compare(filter, &|comparison| {
        found.set(found.get() || wanted(comparison));
        None
    });
    found.get()
}

/// The words, texts, brackets and blanks of a filter; together they are the filter.
pub(super) fn tokens(filter: &str) -> Vec<&str> {
    let mut tokens = Vec::new();
    let mut rest = filter;
    while let Some(first) = rest.chars().next() {
        let end = match first {
            '"' => end_of_text(rest),
            '(' | ')' | '[' | ']' => 1,
            ' ' => rest.find(|c| c != ' ').unwrap_or(rest.len()),
            _ => rest.find(['"', '(', ')', '[', ']', ' ']).unwrap_or(rest.len()),
        };
        let (token, after) = rest.split_at(end);
        tokens.push(token);
        rest = after;
    }
    tokens
}

fn end_of_text(text: &str) -> usize {
    let mut is_escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// Changes comparisons, but those of the mark.
pub(super) fn compare(filter: &str, change: &impl Fn(&Comparison<'_>) -> Option<String>) -> String {
    let tokens = tokens(filter);
    // Where the tokens that are no blanks stand.
    let solid: Vec<usize> = (0..tokens.len()).filter(|at| !tokens[*at].trim().is_empty()).collect();
    let mut changed: Vec<String> = tokens.iter().map(|token| (*token).to_owned()).collect();
    for (nth, &at) in solid.iter().enumerate().skip(1) {
        let operator = tokens[at].to_ascii_lowercase();
        let from = solid[nth - 1];
        if !OPERATORS.contains(&operator.as_str()) || tokens[from] == MARK {
            continue;
        }
        let (operand, to) = match solid.get(nth + 1) {
            _ if operator == "pr" => ("", at),
            Some(&next) => (tokens[next], next),
            None => continue,
        };
        if let Some(text) = change(&Comparison { attribute: tokens[from], operator, operand }) {
            changed[from] = text;
            changed[from + 1..=to].iter_mut().for_each(String::clear);
        }
    }
    changed.concat()
}

/// Changes the words of the filter that stand within parentheses or brackets: those outside join the mark
/// to what is looked for.
pub(super) fn inside(request: &mut Request, change: impl Fn(&str) -> Option<&'static str>) {
    edit_filter(request, |filter| {
        let mut depth = 0_usize;
        let words = tokens(filter).into_iter().map(|token| {
            match token {
                "(" | "[" => depth += 1,
                ")" | "]" => depth = depth.saturating_sub(1),
                _ => {}
            }
            change(&token.to_ascii_lowercase()).filter(|_| depth > 0).unwrap_or(token)
        });
        words.collect()
    });
}

/// A filter in which `or` binds before `and`.
pub(super) fn or_first(filter: &str) -> String {
    let joined = |token: &str, word: &str| token.eq_ignore_ascii_case(word);
    let mut text = String::new();
    for token in tokens(filter) {
        match token {
            "(" => text.push_str("(("),
            ")" => text.push_str("))"),
            _ if joined(token, "and") => text.push_str(") and ("),
            _ => text.push_str(token),
        }
    }
    format!("({text})")
}

/// A filter in which what stands in brackets no longer speaks of one element.
pub(super) fn flattened(filter: &str) -> String {
    let tokens = tokens(filter);
    let mut text = String::new();
    let mut list = None;
    let mut at = 0;
    while let Some(&token) = tokens.get(at) {
        let next = tokens.get(at + 1).copied().unwrap_or_default();
        match (token, &list) {
            (name, None) if next == "[" => {
                list = Some(name);
                text.push('(');
                at += 1;
            }
            ("]", Some(name)) => {
                text.push(')');
                // A comparison after the brackets is one more condition.
                if let Some(part) = next.strip_prefix('.') {
                    text.push_str(&format!(" and {name}.{part}"));
                    at += 1;
                }
                list = None;
            }
            (word, Some(name)) if is_operator_after(&tokens, at) => text.push_str(&format!("{name}.{word}")),
            _ => text.push_str(token),
        }
        at += 1;
    }
    text
}

/// Whether an operator follows this token.
fn is_operator_after(tokens: &[&str], at: usize) -> bool {
    let word = tokens[at + 1..].iter().find(|token| !token.trim().is_empty());
    let operator = word.map(|word| word.to_ascii_lowercase()).unwrap_or_default();
    !tokens[at].trim().is_empty() && OPERATORS.contains(&operator.as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_together_are_the_filter() {
        for filter in ["a eq \"b \\\" ) c\" and(not (d pr))", "emails[type eq \"x\"].value pr", "\"open", ""]
        {
            assert_eq!(tokens(filter).concat(), filter);
        }
    }

    #[test]
    fn one_comparison_changes_and_the_rest_stays() {
        let swapped = |filter: &str| compare(filter, &|c| c.is("eq").then(|| c.with("ne")));
        assert_eq!(swapped("userType eq \"m\" and (a Eq \"b\")"), "userType eq \"m\" and (a ne \"b\")");
        assert_eq!(swapped("a co \" eq \" or b pr"), "a co \" eq \" or b pr");
    }

    #[test]
    fn or_binds_first() {
        assert_eq!(or_first("a pr or b pr and c pr"), "(a pr or b pr ) and ( c pr)");
    }

    #[test]
    fn brackets_are_flattened() {
        assert_eq!(
            flattened("emails[type eq \"work\" and value co \"@a\"] and b pr"),
            "(emails.type eq \"work\" and emails.value co \"@a\") and b pr"
        );
        assert_eq!(flattened("emails[type pr].value pr"), "(emails.type pr) and emails.value pr");
    }
}
