//! Users that only one check sees: each has the mark of the check as its user type.

use serde_json::{Value, json};

use crate::call::Call;
use crate::check::Verdict;
use crate::cx::Cx;
use crate::reply::Reply;

/// Some users with a mark, in the order of their creation.
pub(super) struct People<'c> {
    cx: &'c Cx,
    pub(super) mark: String,
    pub(super) ids: Vec<String>,
}

impl<'c> People<'c> {
    /// Creates users with these attributes.
    pub(super) async fn with(cx: &'c Cx, people: impl IntoIterator<Item = Value>) -> Verdict<Self> {
        let mark = cx.unique("mark");
        let mut ids = Vec::new();
        for mut person in people {
            person["userType"] = json!(mark);
            ids.push(cx.user(person).await?.id()?.to_owned());
        }
        Ok(Self { cx, mark, ids })
    }

    /// The filter that finds them all.
    pub(super) fn filter(&self) -> String {
        format!("userType eq \"{}\"", self.mark)
    }

    /// A list of them all.
    pub(super) fn all(&self) -> Call<'c> {
        self.cx.filter("/Users", &self.filter())
    }

    /// Those of them that match.
    pub(super) fn matching(&self, filter: &str) -> Call<'c> {
        self.cx.filter("/Users", &format!("{} and ({filter})", self.filter()))
    }

    /// Expects a filter to find exactly these, counted from 0.
    pub(super) async fn finds(&self, filter: &str, wanted: &[usize]) -> Verdict {
        let reply = self.matching(filter).await?;
        let ids: Vec<&str> = wanted.iter().filter_map(|at| self.ids.get(*at)).map(String::as_str).collect();
        reply.lists(&ids)?;
        Ok(())
    }

    /// Expects a list with exactly these in this order.
    pub(super) fn in_order(&self, reply: &Reply, wanted: &[usize]) -> Verdict {
        let ids: Vec<&String> = wanted.iter().filter_map(|at| self.ids.get(*at)).collect();
        let found = reply.ids_in_order()?;
        reply.expect(found.iter().eq(ids.iter().copied()), format!("the ids {ids:?} in this order"))?;
        Ok(())
    }
}
