//! In which order operations are done, and which of their references are set afterwards.
//!
//! Operations stay in the order of the request; what one of them needs is done just before it. Those that
//! need each other in a circle form one step: created first, then joined (7644-3.7.1-01). It takes linear
//! time, times a logarithm within circles, and no recursion.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap, HashMap};

/// That an operation refers to what another one creates.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Need {
    /// The other operation.
    pub(crate) on: usize,
    /// Whether the resource cannot do without it even for a moment.
    pub(crate) firm: bool,
}

/// What is done in one go.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Step {
    /// One operation; all that it needs has been tried before.
    One(usize),
    /// Operations that need each other, in the order in which to create them. A reference to one that
    /// does not stand before the referring one is set afterwards.
    Circle(Vec<usize>),
    /// Operations that need each other and cannot be created one by one.
    Knot(Vec<usize>),
}

/// Orders operations; `needs` holds those of each, once per other operation.
pub(crate) fn steps(needs: &[Vec<Need>]) -> Vec<Step> {
    circles(needs)
        .into_iter()
        .map(|members| match members.as_slice() {
            [one] if needs[*one].iter().all(|need| need.on != *one) => Step::One(*one),
            _ => match untangled(&members, needs) {
                Some(order) => Step::Circle(order),
                None => Step::Knot(members),
            },
        })
        .collect()
}

/// The strongly connected components (Tarjan), each after those that it needs.
fn circles(needs: &[Vec<Need>]) -> Vec<Vec<usize>> {
    const NEW: usize = usize::MAX;
    let mut number = vec![NEW; needs.len()];
    let mut lowest = vec![NEW; needs.len()];
    let mut open = vec![false; needs.len()];
    let mut stack = Vec::new();
    let mut found = Vec::new();
    let mut count = 0;
    // An operation, and how many of its needs have been followed.
    let mut path: Vec<(usize, usize)> = Vec::new();
    for root in 0..needs.len() {
        if number[root] == NEW {
            path.push((root, 0));
        }
        while let Some((at, followed)) = path.last_mut() {
            let at = *at;
            if *followed == 0 {
                (number[at], lowest[at], open[at]) = (count, count, true);
                count += 1;
                stack.push(at);
            }
            if let Some(need) = needs[at].get(*followed) {
                *followed += 1;
                if number[need.on] == NEW {
                    path.push((need.on, 0));
                } else if open[need.on] {
                    lowest[at] = lowest[at].min(number[need.on]);
                }
                continue;
            }
            path.pop();
            if let Some((parent, _)) = path.last() {
                lowest[*parent] = lowest[*parent].min(lowest[at]);
            }
            if lowest[at] == number[at] {
                let from = stack.iter().rposition(|member| *member == at).unwrap_or(0);
                let mut members = stack.split_off(from);
                members.iter().for_each(|member| open[*member] = false);
                members.sort_unstable();
                found.push(members);
            }
        }
    }
    found
}

/// The order in which to create the members of a circle so that few references are left for later; none
/// where firm ones alone make a circle.
///
/// To find the fewest is NP-hard. This is the heuristic of Eades, Lin and Smyth: whoever needs nobody is
/// created first, whom nobody needs is created last, and when there are neither, the one goes last that
/// needs many and is needed by few. One circle without chords takes one reference.
fn untangled(members: &[usize], needs: &[Vec<Need>]) -> Option<Vec<usize>> {
    let mut rest = Rest::new(members, needs)?;
    let (mut front, mut back) = (Vec::new(), Vec::new());
    while front.len() + back.len() < members.len() {
        if let Some(Reverse(free)) = rest.free.pop() {
            if rest.remove(free) {
                front.push(members[free]);
            }
        } else if let Some(unneeded) = rest.unneeded.pop() {
            if rest.remove(unneeded) {
                back.push(members[unneeded]);
            }
        } else {
            let (_, last) = rest.by_balance.last().copied()?;
            rest.remove(last);
            back.push(members[last]);
        }
    }
    front.extend(back.into_iter().rev());
    Some(front)
}

/// The members of a circle that have no place yet, by their position in it.
struct Rest {
    /// Whom each needs, and who needs each; firm or not.
    needs: Vec<Vec<(usize, bool)>>,
    needed_by: Vec<Vec<(usize, bool)>>,
    /// How many of these are left, and how many of the latter are firm.
    needing: Vec<usize>,
    needed: Vec<usize>,
    firmly: Vec<usize>,
    gone: Vec<bool>,
    /// Those that need nobody who is left.
    free: BinaryHeap<Reverse<usize>>,
    /// Those whom nobody needs who is left.
    unneeded: BinaryHeap<usize>,
    /// Those whom nobody needs firmly, by how many more they need than need them.
    by_balance: BTreeSet<(isize, usize)>,
}

impl Rest {
    /// None where a member firmly needs itself.
    fn new(members: &[usize], all: &[Vec<Need>]) -> Option<Self> {
        let count = members.len();
        let place: HashMap<usize, usize> =
            members.iter().enumerate().map(|(at, member)| (*member, at)).collect();
        let mut needs = vec![Vec::new(); count];
        let mut needed_by = vec![Vec::new(); count];
        for (at, member) in members.iter().enumerate() {
            for need in &all[*member] {
                match place.get(&need.on) {
                    Some(on) if *on == at && need.firm => return None,
                    Some(on) if *on != at => {
                        needs[at].push((*on, need.firm));
                        needed_by[*on].push((at, need.firm));
                    }
                    _ => {}
                }
            }
        }
        let mut rest = Self {
            needing: needs.iter().map(Vec::len).collect(),
            needed: needed_by.iter().map(Vec::len).collect(),
            firmly: needed_by.iter().map(|by| by.iter().filter(|(_, firm)| *firm).count()).collect(),
            needs,
            needed_by,
            gone: vec![false; count],
            free: BinaryHeap::new(),
            unneeded: BinaryHeap::new(),
            by_balance: BTreeSet::new(),
        };
        for at in 0..count {
            rest.note(at);
        }
        Some(rest)
    }

    /// Removes a member; false if it was gone already.
    fn remove(&mut self, at: usize) -> bool {
        if self.gone[at] {
            return false;
        }
        self.forget(at);
        self.gone[at] = true;
        for (on, firm) in std::mem::take(&mut self.needs[at]) {
            self.change(on, |rest| {
                rest.needed[on] -= 1;
                rest.firmly[on] -= usize::from(firm);
            });
        }
        for (by, _) in std::mem::take(&mut self.needed_by[at]) {
            self.change(by, |rest| rest.needing[by] -= 1);
        }
        true
    }

    fn change(&mut self, at: usize, change: impl FnOnce(&mut Self)) {
        if !self.gone[at] {
            self.forget(at);
            change(self);
            self.note(at);
        }
    }

    fn forget(&mut self, at: usize) {
        self.by_balance.remove(&(self.balance(at), at));
    }

    fn note(&mut self, at: usize) {
        if self.needing[at] == 0 {
            self.free.push(Reverse(at));
        } else if self.needed[at] == 0 {
            self.unneeded.push(at);
        } else if self.firmly[at] == 0 {
            self.by_balance.insert((self.balance(at), at));
        }
    }

    fn balance(&self, at: usize) -> isize {
        self.needing[at].cast_signed() - self.needed[at].cast_signed()
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn soft(on: &[usize]) -> Vec<Need> {
        on.iter().map(|on| Need { on: *on, firm: false }).collect()
    }

    fn firm(on: &[usize]) -> Vec<Need> {
        on.iter().map(|on| Need { on: *on, firm: true }).collect()
    }

    /// How many references are set afterwards.
    fn late(order: &[usize], needs: &[Vec<Need>]) -> usize {
        let place = |member: usize| order.iter().position(|other| *other == member);
        order
            .iter()
            .flat_map(|member| needs[*member].iter().map(move |need| (place(*member), place(need.on))))
            .filter(|(member, on)| on.is_some() && on >= member)
            .count()
    }

    /// 7644-3.7.2-03: what is needed comes just before, the rest stays as it was.
    #[test]
    fn what_is_needed_comes_first() {
        let needs = [vec![], soft(&[3]), vec![], soft(&[4]), vec![], soft(&[0, 1])];
        let order = steps(&needs);
        assert_eq!(order, [0, 4, 3, 1, 2, 5].map(Step::One));
    }

    /// 7644-3.7.1-01: one circle takes one postponed reference, however long it is.
    #[test]
    fn circles_take_few_references() {
        for length in [1, 2, 3, 50, 1_000] {
            let needs: Vec<_> = (0..length).map(|at| soft(&[(at + 1) % length])).collect();
            let order = steps(&needs);
            let [Step::Circle(order)] = order.as_slice() else { panic!("{order:?}") };
            assert_eq!((order.len(), late(order, &needs)), (length, 1));
        }
        // Everybody needs everybody: one of each pair comes later.
        let all: Vec<_> = (0..7).map(|at| soft(&(0..7).filter(|on| *on != at).collect::<Vec<_>>())).collect();
        let [Step::Circle(order)] = &steps(&all)[..] else { panic!() };
        assert_eq!(late(order, &all), 21);
        // A chain back to the one that needs all: the one reference to that one is enough.
        let mut fan: Vec<_> = (0..20).map(|at| soft(&[(at + 1) % 20])).collect();
        fan[0] = soft(&(1..20).collect::<Vec<_>>());
        let [Step::Circle(order)] = &steps(&fan)[..] else { panic!() };
        assert_eq!(late(order, &fan), 1);
    }

    /// 7644-3.7.1-01: a firm reference is never postponed, and a circle of such is none that can be made.
    #[test]
    fn firm_references_stay() {
        let needs = [firm(&[1]), soft(&[2]), firm(&[0])];
        assert_eq!(steps(&needs), [Step::Circle(vec![1, 0, 2])]);
        assert_eq!(steps(&[firm(&[1]), firm(&[0])]), [Step::Knot(vec![0, 1])]);
        assert_eq!(steps(&[firm(&[0])]), [Step::Knot(vec![0])]);
    }

    /// A long chain, forwards, is no recursion: it fits the smallest stack.
    #[test]
    fn long_chains_take_no_stack() {
        let chain: Vec<_> =
            (0..200_000).map(|at| if at + 1 < 200_000 { soft(&[at + 1]) } else { vec![] }).collect();
        let small = std::thread::Builder::new().stack_size(64 * 1024);
        let order = small.spawn(move || steps(&chain)).unwrap().join().unwrap();
        assert_eq!(order.first(), Some(&Step::One(199_999)));
        assert_eq!(order.len(), 200_000);
    }

    proptest! {
        /// 7644-3.7.2-03, 7644-3.7.1-01: everything has one place, needs come before, firm ones always.
        #[test]
        fn every_need_is_met(edges in vec((0..12_usize, 0..12_usize, prop::bool::weighted(0.3)), 0..40)) {
            let mut needs = vec![Vec::new(); 12];
            for (from, on, firm) in edges {
                if needs[from].iter().all(|need: &Need| need.on != on) {
                    needs[from].push(Need { on, firm });
                }
            }
            let mut done = Vec::new();
            for step in steps(&needs) {
                let (members, knot) = match step {
                    Step::One(one) => (vec![one], false),
                    Step::Circle(members) => (members, false),
                    Step::Knot(members) => (members, true),
                };
                for (at, member) in members.iter().enumerate() {
                    for need in &needs[*member] {
                        let before = done.contains(&need.on) || members[..at].contains(&need.on);
                        let inside = members.contains(&need.on);
                        prop_assert!(before || (inside && (knot || !need.firm)));
                    }
                }
                done.extend(members);
            }
            done.sort_unstable();
            prop_assert_eq!(done, (0..12).collect::<Vec<_>>());
        }
    }
}
