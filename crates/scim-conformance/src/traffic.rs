//! What the checks of the rows ask and are answered: the exchanges that a fault could break.

use std::collections::BTreeSet;
use std::sync::{Mutex, PoisonError};

use scim_testkit::http::{Request, Response};

use crate::fault::Fault;

/// One exchange of a check.
#[derive(Debug)]
struct Exchange {
    row: &'static str,
    request: Request,
    response: Response,
}

/// The exchanges of a run.
#[derive(Debug, Default)]
pub(crate) struct Traffic(Mutex<Vec<Exchange>>);

impl Traffic {
    /// Writes an exchange down.
    pub(crate) fn note(&self, row: &'static str, request: &Request, response: &Response) {
        // What cleans up after a check is no part of it.
        if row.is_empty() {
            return;
        }
        let exchange = Exchange { row, request: request.clone(), response: response.clone() };
        self.0.lock().unwrap_or_else(PoisonError::into_inner).push(exchange);
    }

    /// The rows with an exchange that a fault changes: no other row can fail because of it.
    pub(crate) fn touched_by(&self, fault: Fault, token: &str) -> BTreeSet<&'static str> {
        let exchanges = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let mut rows = BTreeSet::new();
        for Exchange { row, request, response } in exchanges.iter() {
            if !rows.contains(row) && fault.changes(request, response, token) {
                rows.insert(*row);
            }
        }
        rows
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::faults;

    #[test]
    fn a_fault_touches_the_rows_whose_exchanges_it_changes() {
        let traffic = Traffic::default();
        let answer = |status| Response { status, headers: Vec::new(), body: Vec::new() };
        traffic.note("7643-2.1-01", &Request::new("GET", "/Users"), &answer(201));
        traffic.note("7643-2.1-02", &Request::new("GET", "/Users"), &answer(204));
        traffic.note("", &Request::new("DELETE", "/Users/1"), &answer(201));
        let fault = faults().find(|fault| fault.name == "200 for 201").unwrap();
        assert_eq!(traffic.touched_by(fault, "token"), ["7643-2.1-01"].into());
    }
}
