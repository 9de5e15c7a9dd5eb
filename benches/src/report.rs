//! Reads back what criterion measured, for tables that compare.

use std::path::Path;

/// The nanoseconds of one measured function, as the slope or else the mean of its samples.
///
/// `None` when it was not measured in this or an earlier run.
pub fn nanoseconds(criterion: &Path, group: &str, function: &str, input: &str) -> Option<f64> {
    let file = criterion.join(group).join(function).join(input).join("new/estimates.json");
    let estimates: serde_json::Value = serde_json::from_slice(&std::fs::read(file).ok()?).ok()?;
    ["slope", "mean"].iter().find_map(|key| estimates[key]["point_estimate"].as_f64())
}

/// Whether this process was started to measure, and not to test the benches or to list them.
pub fn was_measured() -> bool {
    let has = |flag: &str| std::env::args().any(|argument| argument == flag);
    has("--bench") && !has("--test") && !has("--list") && !has("--profile-time")
}

/// The geometric mean; `None` of nothing.
pub fn geometric_mean(ratios: &[f64]) -> Option<f64> {
    let logs: f64 = ratios.iter().map(|ratio| ratio.ln()).sum();
    let count = u32::try_from(ratios.len()).ok().filter(|&count| count > 0)?;
    Some((logs / f64::from(count)).exp())
}

/// The value in the middle; `None` of nothing.
pub fn median(values: &[f64]) -> Option<f64> {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    let (upper, lower) = (values.get(values.len() / 2)?, values.get(values.len().saturating_sub(1) / 2)?);
    Some(f64::midpoint(*lower, *upper))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn means() {
        assert_eq!(geometric_mean(&[2.0, 8.0]).map(f64::round), Some(4.0));
        assert_eq!(geometric_mean(&[]), None);
    }

    #[test]
    fn medians() {
        assert_eq!(median(&[9.0, 1.0, 2.0]), Some(2.0));
        assert_eq!(median(&[9.0, 1.0, 2.0, 4.0]), Some(3.0));
        assert_eq!(median(&[]), None);
    }
}
