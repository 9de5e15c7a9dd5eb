//! What all records add up to: totals and counters.

use std::collections::{BTreeMap, BTreeSet};

use scim_engine::check::FaultKind;
use scim_engine::store::Counter;

use super::mend::Mend;
use super::{Check, MOST_MENDS, Place};

impl Check<'_> {
    /// After all records: the totals by space and kind, and the counters by space and name.
    pub fn sums(
        &mut self,
        totals: &BTreeMap<(String, String), i64>,
        counters: &BTreeMap<(String, String), i64>,
    ) {
        let seen = std::mem::take(&mut self.visible);
        for key in seen.keys().chain(totals.keys()).collect::<BTreeSet<_>>() {
            let (is, counted) = (totals.get(key).copied(), seen.get(key).copied());
            let by = counted.unwrap_or(0) - is.unwrap_or(0);
            if by != 0 {
                let (space, kind) = key;
                let place = Place { what: FaultKind::Total, space, place: kind.clone() };
                let message = format!("the total of {kind} is {is:?}, and {counted:?} are visible");
                self.fault(place, &shown(counted), &shown(is), message);
                self.sum(Mend::Total { space: space.clone(), kind: kind.clone(), by });
            }
        }
        let counted = std::mem::take(&mut self.counters);
        for (key @ (space, name), value) in counters {
            let sum = counted.get(key).copied().unwrap_or(0);
            if self.counter_names.contains(name.as_str()) && *value != sum {
                let place = Place { what: FaultKind::Counter, space, place: name.clone() };
                let message = format!("the counter {name} is {value}, and the records count {sum}");
                self.fault(place, &sum.to_string(), &value.to_string(), message);
                self.sum(counter(space, name, sum - value, None));
            }
        }
        for ((space, name), sum) in counted.iter().filter(|(key, _)| !counters.contains_key(*key)) {
            let place = Place { what: FaultKind::Counter, space, place: name.clone() };
            self.fault(place, &sum.to_string(), "missing", format!("there is no counter {name}"));
            let lost = self.expectation.lost_counter(name, *sum);
            self.sum(counter(space, name, *sum, Some(lost)));
        }
        for ((space, name), sum) in &counted {
            let floor = self.expectation.lost_counter(name, *sum).floor;
            if let Some(floor) = floor.filter(|floor| sum < floor) {
                let place = Place { what: FaultKind::Counter, space, place: name.clone() };
                let message = format!("the records count {sum} {name}, and must {floor}");
                self.fault(place, &format!("at least {floor}"), &sum.to_string(), message);
            }
        }
    }

    fn sum(&mut self, mend: Mend) {
        if self.findings.sums.len() < MOST_MENDS {
            self.findings.sums.push(mend);
        }
    }
}

fn counter(space: &str, name: &str, by: i64, lost: Option<Counter>) -> Mend {
    Mend::Counter { space: space.to_owned(), name: name.to_owned(), by, lost }
}

fn shown(number: Option<i64>) -> String {
    number.map_or_else(|| "missing".to_owned(), |number| number.to_string())
}
