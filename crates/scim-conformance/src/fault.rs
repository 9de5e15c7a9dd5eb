//! Ways in which a server can be wrong, each a change of what passes through a proxy.
//!
//! A fault knows nothing of rows: which rows it makes fail, the run finds out.

mod answers;
mod bulk;
mod bulk_references;
mod cursors;
mod discovery;
mod edit;
mod filter_text;
mod filters;
mod ids;
mod lists;
mod me;
mod order;
mod patch;
mod patch_values;
mod requests;
mod resources;
mod writes;

use std::fmt;

use scim_testkit::http::{HttpError, Request, Response};
use serde::Serialize;

/// One way in which a server can be wrong.
#[derive(Clone, Copy)]
pub struct Fault {
    /// A short name.
    pub name: &'static str,
    /// Whether it breaks one behaviour or much at once.
    pub breadth: Breadth,
    how: How,
}

/// How much a fault breaks.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Breadth {
    /// One behaviour.
    Narrow,
    /// So much that a row which fails because of it is shown to look at something, and no more.
    Broad,
}

#[derive(Clone, Copy)]
enum How {
    /// The request reaches the server changed. The text is the token of the main service.
    Ask(fn(&mut Request, &str)),
    /// The answer reaches the client changed.
    Answer(fn(&Request, &mut Response)),
    /// The server does not hear of the request, where this makes up an answer.
    Instead(fn(&Request) -> Option<Response>),
    /// After this answer another request is asked in the place of the first.
    Again(fn(&Request, &Response) -> Option<Request>),
    /// Both the request and the answer are changed.
    Both(fn(&mut Request, &str), fn(&Request, &mut Response)),
}

impl Fault {
    const fn new(name: &'static str, how: How) -> Self {
        Self { name, breadth: Breadth::Narrow, how }
    }

    const fn ask(name: &'static str, change: fn(&mut Request, &str)) -> Self {
        Self::new(name, How::Ask(change))
    }

    const fn answer(name: &'static str, change: fn(&Request, &mut Response)) -> Self {
        Self::new(name, How::Answer(change))
    }

    const fn instead(name: &'static str, make_up: fn(&Request) -> Option<Response>) -> Self {
        Self::new(name, How::Instead(make_up))
    }

    const fn again(name: &'static str, other: fn(&Request, &Response) -> Option<Request>) -> Self {
        Self::new(name, How::Again(other))
    }

    const fn both(
        name: &'static str,
        ask: fn(&mut Request, &str),
        answer: fn(&Request, &mut Response),
    ) -> Self {
        Self::new(name, How::Both(ask, answer))
    }

    /// The same fault, said to be broad.
    const fn broad(self) -> Self {
        Self { breadth: Breadth::Broad, ..self }
    }

    /// One exchange, with the fault in it.
    pub(crate) async fn apply<F>(
        &self,
        mut request: Request,
        token: &str,
        forward: impl Fn(Request) -> F,
    ) -> Result<Response, HttpError>
    where
        F: Future<Output = Result<Response, HttpError>>,
    {
        match self.how {
            How::Ask(change) => {
                change(&mut request, token);
                forward(request).await
            }
            How::Answer(change) => {
                let mut response = forward(request.clone()).await?;
                change(&request, &mut response);
                Ok(response)
            }
            How::Instead(make_up) => match make_up(&request) {
                Some(response) => Ok(response),
                None => forward(request).await,
            },
            How::Again(other) => {
                let response = forward(request.clone()).await?;
                match other(&request, &response) {
                    Some(request) => forward(request).await,
                    None => Ok(response),
                }
            }
            How::Both(ask, answer) => {
                let mut asked = request.clone();
                ask(&mut asked, token);
                let mut response = forward(asked).await?;
                answer(&request, &mut response);
                Ok(response)
            }
        }
    }

    /// Whether the fault changes this exchange.
    pub(crate) fn changes(&self, request: &Request, response: &Response, token: &str) -> bool {
        let asks = |change: fn(&mut Request, &str)| {
            let mut changed = request.clone();
            change(&mut changed, token);
            changed != *request
        };
        let answers = |change: fn(&Request, &mut Response)| {
            let mut changed = response.clone();
            change(request, &mut changed);
            changed != *response
        };
        match self.how {
            How::Ask(change) => asks(change),
            How::Answer(change) => answers(change),
            How::Instead(make_up) => make_up(request).is_some(),
            How::Again(other) => other(request, response).is_some(),
            How::Both(ask, answer) => asks(ask) || answers(answer),
        }
    }
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Fault").field(&self.name).finish()
    }
}

/// Every fault.
pub fn faults() -> impl Iterator<Item = Fault> {
    let all = [
        answers::FAULTS,
        resources::FAULTS,
        lists::FAULTS,
        requests::FAULTS,
        filters::FAULTS,
        order::FAULTS,
        cursors::FAULTS,
        bulk::FAULTS,
        bulk_references::FAULTS,
        me::FAULTS,
        discovery::FAULTS,
        ids::FAULTS,
        writes::FAULTS,
        patch::FAULTS,
        patch_values::FAULTS,
    ];
    all.into_iter().flatten().copied()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_fault_has_a_name_of_its_own() {
        let names: BTreeSet<&str> = faults().map(|fault| fault.name).collect();
        assert_eq!(names.len(), faults().count());
    }
}
