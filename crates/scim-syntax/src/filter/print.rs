use std::fmt;

use super::Filter;

impl fmt::Display for Filter<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Present(path) => write!(f, "{path} pr"),
            Self::Compare { path, op, value } => write!(f, "{path} {op} {value}"),
            Self::ValuePath { path, filter } => write!(f, "{path}[{filter}]"),
            Self::Not(inner) => write!(f, "not ({inner})"),
            Self::And(terms) => {
                join(f, terms, " and ", |term| matches!(term, Filter::And(_) | Filter::Or(_)))
            }
            // `and` binds tighter than `or`, so it needs no parentheses here.
            Self::Or(terms) => join(f, terms, " or ", |term| matches!(term, Filter::Or(_))),
        }
    }
}

fn join(
    f: &mut fmt::Formatter<'_>,
    terms: &[Filter<'_>],
    word: &str,
    grouped: impl Fn(&Filter<'_>) -> bool,
) -> fmt::Result {
    for (at, term) in terms.iter().enumerate() {
        if at > 0 {
            f.write_str(word)?;
        }
        if grouped(term) {
            write!(f, "({term})")?;
        } else {
            write!(f, "{term}")?;
        }
    }
    Ok(())
}
