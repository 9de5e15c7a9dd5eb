//! What a thousand refused requests a second cost those who write: awork's server on both databases, over HTTP.

#[path = "refusals/load.rs"]
mod load;
#[path = "refusals/served.rs"]
mod served;

use std::time::Duration;

use scim_benches::report::{median, was_measured};

use load::{Load, Phase};
use served::Served;

/// How long, and how often, writers are alone and then in company.
struct Plan {
    warm_up: Duration,
    phase: Duration,
    pairs: usize,
}

#[expect(clippy::print_stdout, reason = "the table is what this program is for")]
fn main() {
    let plan = if was_measured() {
        Plan { warm_up: Duration::from_secs(4), phase: Duration::from_secs(8), pairs: 6 }
    } else {
        Plan { warm_up: Duration::ZERO, phase: Duration::from_millis(300), pairs: 1 }
    };
    let logs = tempfile::tempfile().expect("a file for the log");
    // A server in use writes its log somewhere; here as by default, one line for each write and each refusal.
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::INFO)
        .with_writer(std::sync::Mutex::new(logs))
        .init();
    println!(
        "{} cores, which server, database and clients share; {} writers, then also {} writes/s that are refused \
         and {} wrong tokens/s\n",
        std::thread::available_parallelism().map_or(1, Into::into),
        load::WRITERS,
        load::RATE,
        load::RATE,
    );
    println!(
        "| store | writes/s alone | with refusals | ratio: median | least | most | 99th percentile alone, ms | with \
         refusals | 400s/s | 401s/s |"
    );
    println!("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
    let named = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect::<Vec<_>>();
    for name in ["SQLite", "PostgreSQL"] {
        if named.is_empty() || named.iter().any(|word| word == name) {
            println!("{}", row(name, &measure(Served::start(name), &plan)));
        }
    }
}

/// Phases alone and phases in company, in pairs, of which every other one is turned round, so that whatever grows
/// meanwhile counts for both.
fn measure(served: Served, plan: &Plan) -> Vec<(Phase, Phase)> {
    let clients =
        tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("clients");
    let pairs = clients.block_on(async {
        let mut load = Load::prepare(served.address, served.token).await;
        load.run(plan.warm_up, true).await;
        let mut pairs = Vec::new();
        for pair in 0..plan.pairs {
            let first = load.run(plan.phase, pair % 2 == 1).await;
            let second = load.run(plan.phase, pair % 2 == 0).await;
            pairs.push(if pair % 2 == 0 { (first, second) } else { (second, first) });
        }
        pairs
    });
    served.stop();
    pairs
}

fn row(name: &str, pairs: &[(Phase, Phase)]) -> String {
    let of = |value: &dyn Fn(&(Phase, Phase)) -> f64| pairs.iter().map(value).collect::<Vec<f64>>();
    let middle = |value: &dyn Fn(&(Phase, Phase)) -> f64| median(&of(value)).unwrap_or(f64::NAN);
    let ratios = of(&|(alone, company)| company.writes_per_second() / alone.writes_per_second());
    format!(
        "| {name} | {:.0} | {:.0} | {:.2} | {:.2} | {:.2} | {:.1} | {:.1} | {:.0} | {:.0} |",
        middle(&|(alone, _)| alone.writes_per_second()),
        middle(&|(_, company)| company.writes_per_second()),
        median(&ratios).unwrap_or(f64::NAN),
        ratios.iter().copied().fold(f64::INFINITY, f64::min),
        ratios.iter().copied().fold(0.0, f64::max),
        middle(&|(alone, _)| alone.slow()),
        middle(&|(_, company)| company.slow()),
        middle(&|(_, company)| company.refused_per_second()),
        middle(&|(_, company)| company.strangers_per_second()),
    )
}
