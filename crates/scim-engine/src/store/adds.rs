//! What the adds of a batch make of a counter.

use super::batch::OnLimit;
use super::read::Counter;

/// All that a batch adds to one counter, summed up and then checked once.
///
/// What happens above the limit is said by the adds that are above 0: one of them that refuses is
/// enough to refuse, and among several steps the largest counts.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Adds {
    // As wide as it takes to sum up a batch of any size.
    by: i128,
    refuses: bool,
    step: i64,
}

impl Adds {
    /// One more add.
    pub fn push(&mut self, by: i64, on_limit: OnLimit) {
        self.by += i128::from(by);
        match on_limit {
            _ if by <= 0 => {}
            OnLimit::Refuse => self.refuses = true,
            OnLimit::Raise { step } => self.step = self.step.max(step),
        }
    }

    /// The sum, cut to what an `i64` holds.
    #[must_use]
    pub fn sum(&self) -> i64 {
        i64::try_from(self.by).unwrap_or(if self.by < 0 { i64::MIN } else { i64::MAX })
    }

    /// The counter afterwards; none when it would leave its bounds, or what an `i64` holds.
    #[must_use]
    pub fn apply(&self, is: Counter) -> Option<Counter> {
        let value = i64::try_from(i128::from(is.value) + self.by).ok()?;
        let mut after = Counter { value, ..is };
        if self.by < 0 && is.floor.is_some_and(|floor| value < floor) {
            return None;
        }
        if self.by > 0
            && let Some(limit) = is.limit
            && value > limit
        {
            if self.refuses || self.step <= 0 {
                return None;
            }
            let (limit, step) = (i128::from(limit), i128::from(self.step));
            let steps = (i128::from(value) - limit + step - 1) / step;
            after.limit = Some(i64::try_from(limit + steps * step).ok()?);
        }
        Some(after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counter(value: i64, floor: Option<i64>, limit: Option<i64>) -> Counter {
        Counter { value, floor, limit }
    }

    /// Above the limit a sum is refused, or raises it in whole steps.
    #[test]
    fn adds_are_summed_up_and_checked_once() {
        let refuse = OnLimit::Refuse;
        let raise = |step| OnLimit::Raise { step };
        let bounded = counter(9, Some(9), Some(10));
        type Row<'r> = (Counter, &'r [(i64, OnLimit)], Option<Counter>);
        let table: [Row<'_>; 12] = [
            (bounded, &[(1, refuse)], Some(counter(10, Some(9), Some(10)))),
            (bounded, &[(2, refuse)], None),
            (bounded, &[(2, refuse), (-1, refuse)], Some(counter(10, Some(9), Some(10)))),
            (bounded, &[(-1, refuse)], None),
            (bounded, &[(-1, refuse), (1, refuse)], Some(bounded)),
            (bounded, &[(2, raise(5))], Some(counter(11, Some(9), Some(15)))),
            (bounded, &[(6, raise(5))], Some(counter(15, Some(9), Some(15)))),
            (bounded, &[(7, raise(5))], Some(counter(16, Some(9), Some(20)))),
            (bounded, &[(1, raise(5)), (1, refuse)], None),
            (bounded, &[(2, raise(5)), (-1, refuse), (1, raise(2))], Some(counter(11, Some(9), Some(15)))),
            (bounded, &[(2, raise(0))], None),
            (counter(i64::MAX, None, None), &[(1, refuse)], None),
        ];
        for (is, adds, expected) in table {
            let mut all = Adds::default();
            adds.iter().for_each(|(by, on_limit)| all.push(*by, *on_limit));
            assert_eq!(all.apply(is), expected, "{adds:?} on {is:?}");
        }
    }

    /// A counter that stands outside its bounds may still move towards them.
    #[test]
    fn only_the_bound_ahead_is_checked() {
        let mut down = Adds::default();
        down.push(-1, OnLimit::Refuse);
        assert_eq!(down.apply(counter(12, None, Some(10))), Some(counter(11, None, Some(10))));
        let mut up = Adds::default();
        up.push(1, OnLimit::Refuse);
        assert_eq!(up.apply(counter(0, Some(5), None)), Some(counter(1, Some(5), None)));
    }
}
