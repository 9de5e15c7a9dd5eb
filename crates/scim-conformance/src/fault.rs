//! Ways in which a server can be wrong, each a change of what passes through a proxy.
//!
//! A fault knows nothing of rows: which rows it makes fail, the run finds out.

mod answers;
mod discovery;
mod edit;
mod lists;
mod requests;
mod resources;

use std::fmt;

use scim_testkit::http::{HttpError, Request, Response};

/// One way in which a server can be wrong.
#[derive(Clone, Copy)]
pub struct Fault {
    /// A short name.
    pub name: &'static str,
    how: How,
}

#[derive(Clone, Copy)]
enum How {
    /// The request reaches the server changed. The text is the token of the main service.
    Ask(fn(&mut Request, &str)),
    /// The answer reaches the client changed.
    Answer(fn(&Request, &mut Response)),
    /// The server does not hear of the request, where this makes up an answer.
    Instead(fn(&Request) -> Option<Response>),
}

impl Fault {
    const fn ask(name: &'static str, change: fn(&mut Request, &str)) -> Self {
        Self { name, how: How::Ask(change) }
    }

    const fn answer(name: &'static str, change: fn(&Request, &mut Response)) -> Self {
        Self { name, how: How::Answer(change) }
    }

    const fn instead(name: &'static str, make_up: fn(&Request) -> Option<Response>) -> Self {
        Self { name, how: How::Instead(make_up) }
    }

    /// One exchange, with the fault in it.
    pub(crate) async fn apply<F>(
        &self,
        mut request: Request,
        token: &str,
        forward: impl FnOnce(Request) -> F,
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
    let all = [answers::FAULTS, resources::FAULTS, lists::FAULTS, requests::FAULTS, discovery::FAULTS];
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
