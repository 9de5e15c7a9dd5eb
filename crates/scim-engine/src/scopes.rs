//! What a client may do: read, create and write, of all types, of some, or of its own user alone.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use scim_core::Problem;

use crate::context::Caller;

/// What a client may do to resources ([RFC 7644 §2], 7644-2-02, 7644-2-03).
///
/// The text form is that of OAuth scopes, words with blanks between them: `read write:Group` reads
/// everything and writes groups, `write:self` reads and writes the own user alone.
///
/// ```
/// use scim_engine::{Scopes, Verb};
///
/// let scopes: Scopes = "read write:Group".parse()?;
/// assert!(scopes.covers(Verb::Read, "User") && !scopes.covers(Verb::Write, "User"));
/// # Ok::<(), scim_engine::ScopeError>(())
/// ```
///
/// [RFC 7644 §2]: https://www.rfc-editor.org/rfc/rfc7644#section-2
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Scopes(Arc<BTreeSet<Scope>>);

/// One thing that a client may do.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Scope {
    /// What it may do.
    pub verb: Verb,
    /// To what.
    pub reach: Reach,
}

/// What a client may do to a resource.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Verb {
    /// Read and list it.
    Read,
    /// Create one, and see it in the answer.
    Create,
    /// Create, change, delete, and read it: the answers to changes show it anyway.
    Write,
}

/// What a scope is about.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Reach {
    /// Resources of every type.
    All,
    /// Resources of the type with this name, such as `User`.
    Type(String),
    /// The resource of the caller itself: [`Caller::user`].
    Own,
}

/// A text that names no scopes.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error(
    "`{0}` is no scope: write `read`, `create` or `write`, alone or with `:self` or `:` and a resource type"
)]
pub struct ScopeError(String);

impl Verb {
    fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Create => "create",
            Self::Write => "write",
        }
    }

    fn includes(self, other: Self) -> bool {
        self == Self::Write || self == other
    }
}

impl Scopes {
    /// Everything.
    #[must_use]
    pub fn all() -> Self {
        Self::none().with(Verb::Write, Reach::All)
    }

    /// Nothing.
    #[must_use]
    pub fn none() -> Self {
        Self(Arc::default())
    }

    /// Reading everything.
    #[must_use]
    pub fn reading() -> Self {
        Self::none().with(Verb::Read, Reach::All)
    }

    /// The same and one thing more.
    #[must_use]
    pub fn with(mut self, verb: Verb, reach: Reach) -> Self {
        Arc::make_mut(&mut self.0).insert(Scope { verb, reach });
        self
    }

    /// Whether this may be done to every resource of the type.
    #[must_use]
    pub fn covers(&self, verb: Verb, kind: &str) -> bool {
        self.0.iter().any(|scope| {
            scope.verb.includes(verb)
                && match &scope.reach {
                    Reach::All => true,
                    Reach::Type(name) => name == kind,
                    Reach::Own => false,
                }
        })
    }

    /// Whether this may be done to the own resource.
    fn covers_own(&self, verb: Verb) -> bool {
        self.0.iter().any(|scope| scope.verb.includes(verb) && scope.reach == Reach::Own)
    }

    /// Whether this may be done to anything at all.
    fn names(&self, verb: Verb) -> bool {
        self.0.iter().any(|scope| scope.verb.includes(verb))
    }
}

impl Default for Scopes {
    /// Everything.
    fn default() -> Self {
        Self::all()
    }
}

impl FromStr for Scopes {
    type Err = ScopeError;

    fn from_str(text: &str) -> Result<Self, ScopeError> {
        text.split_ascii_whitespace().try_fold(Self::none(), |scopes, word| {
            let bad = || ScopeError(word.chars().filter(|c| !c.is_control()).take(64).collect());
            let (verb, reach) =
                word.split_once(':').map_or((word, Some(Reach::All)), |(verb, reach)| match reach {
                    "" => (verb, None),
                    "self" => (verb, Some(Reach::Own)),
                    name => (verb, Some(Reach::Type(name.to_owned()))),
                });
            let verbs = [Verb::Read, Verb::Create, Verb::Write];
            let verb = verbs.into_iter().find(|known| known.as_str() == verb).ok_or_else(bad)?;
            let reach = reach.ok_or_else(bad)?;
            if verb == Verb::Create && reach == Reach::Own {
                return Err(bad());
            }
            Ok(scopes.with(verb, reach))
        })
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, scope) in self.0.iter().enumerate() {
            let blank = if i > 0 { " " } else { "" };
            write!(f, "{blank}{}", scope.verb.as_str())?;
            match &scope.reach {
                Reach::All => {}
                Reach::Type(name) => write!(f, ":{name}")?,
                Reach::Own => f.write_str(":self")?,
            }
        }
        Ok(())
    }
}

impl Caller {
    /// Whether the client may do this to the resource of that type and id, or to every resource of the
    /// type where there is no id.
    ///
    /// # Errors
    ///
    /// Returns the 403 that the client is to be told, naming what is missing (7644-2-02, 7644-2-03).
    pub fn check(&self, verb: Verb, kind: &str, id: Option<&str>) -> Result<(), Problem> {
        let own = || {
            let user = self.user.as_ref().filter(|user| user.kind == kind && Some(user.id.as_str()) == id);
            user.is_some() && self.scopes.covers_own(verb)
        };
        if self.scopes.covers(verb, kind) || own() {
            return Ok(());
        }
        let message = match verb {
            _ if self.scopes.covers_own(verb) => {
                "the token is for its own user alone: use `/Me`, or the location of that user".to_owned()
            }
            Verb::Create | Verb::Write if !self.scopes.names(verb) => {
                "the token may only read: use one that may write".to_owned()
            }
            _ => {
                format!("the token may not {} resources of the type {kind}: use one that may", verb.as_str())
            }
        };
        Err(Problem::plain(403, message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::RecordRef;

    /// The text form is read and printed; what is no scope is named.
    #[test]
    fn scopes_have_a_text() {
        for (text, printed) in [
            ("", ""),
            ("read", "read"),
            (" write  read ", "read write"),
            ("write:self read:User read", "read read:User write:self"),
            ("create:User", "create:User"),
        ] {
            let scopes: Scopes = text.parse().unwrap();
            assert_eq!(scopes.to_string(), printed);
            assert_eq!(printed.parse(), Ok(scopes));
        }
        for wrong in ["all", "read:", "Write", "create:self", ":User", "read,write"] {
            assert_eq!(wrong.parse::<Scopes>(), Err(ScopeError(wrong.to_owned())));
        }
        assert_eq!(Scopes::default().to_string(), "write");
    }

    /// 7644-2-02, 7644-2-03: who may do what to whom.
    #[test]
    fn scopes_cover_what_they_name() {
        use Verb::{Create, Read, Write};
        for (text, verb, kind, id, allowed) in [
            ("write", Write, "User", Some("u"), true),
            ("write", Read, "Group", None, true),
            ("read", Read, "User", None, true),
            ("read", Create, "User", None, false),
            ("read", Write, "User", Some("u"), false),
            ("read write:Group", Write, "Group", Some("g"), true),
            ("read write:Group", Write, "User", Some("u"), false),
            ("write:Group", Read, "User", Some("u"), false),
            ("create:User", Create, "User", None, true),
            ("create:User", Read, "User", Some("u"), false),
            ("create:User", Write, "User", Some("u"), false),
            ("write:User", Create, "User", None, true),
            ("read:self", Read, "User", Some("me"), true),
            ("read:self", Read, "User", Some("u"), false),
            ("read:self", Read, "Group", Some("me"), false),
            ("read:self", Read, "User", None, false),
            ("read:self", Write, "User", Some("me"), false),
            ("write:self", Write, "User", Some("me"), true),
            ("write:self", Create, "User", None, false),
            ("", Read, "User", None, false),
        ] {
            let user = Some(RecordRef::new("User", "me"));
            let caller = Caller { scopes: text.parse().unwrap(), user, ..Caller::default() };
            let checked = caller.check(verb, kind, id);
            assert_eq!(checked.is_ok(), allowed, "{text} {verb:?} {kind} {id:?}");
            assert!(checked.err().is_none_or(|problem| problem.status == 403));
        }
        let nobody = Caller { scopes: "write:self".parse().unwrap(), ..Caller::default() };
        assert!(nobody.check(Read, "User", Some("me")).is_err());
    }
}
