//! Reads a trace of system calls: does a flush stand between each write and the answer about it?

use std::collections::HashMap;

use super::writers::{ANSWER, token};

/// What a trace shows.
#[derive(Debug, Default)]
pub(super) struct Seen {
    pub(super) answers: usize,
    pub(super) flushes: usize,
}

/// What became of what a token stands for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Token {
    /// It is in the log, after this many flushes had begun.
    Written { flushes_begun: usize },
    /// A flush that began afterwards has ended.
    Flushed,
}

/// Checks that each answer comes after the end of a flush that began after its token was in the log.
pub(super) fn verify(trace: &str) -> Result<Seen, String> {
    let mut tokens: HashMap<&str, Token> = HashMap::new();
    // Calls that another thread has interrupted, by thread.
    let mut open: HashMap<&str, &str> = HashMap::new();
    let mut begun = 0;
    let mut flushing: HashMap<&str, usize> = HashMap::new();
    let mut seen = Seen::default();
    for line in trace.lines() {
        let (thread, call) = line.split_once(' ').unwrap_or(("", line));
        let call = call.trim_start();
        let resumed = call.starts_with("<... ");
        let interrupted = call.ends_with("<unfinished ...>");
        let whole = if resumed { open.remove(thread).unwrap_or(call) } else { call };
        if interrupted {
            open.insert(thread, call);
        }
        let on_log = whole.split('>').next().is_some_and(|target| target.ends_with("-wal"));
        let flush = on_log && (whole.starts_with("fdatasync") || whole.starts_with("fsync"));
        if flush {
            if !resumed {
                begun += 1;
                flushing.insert(thread, begun);
            }
            if !interrupted {
                let number = flushing.remove(thread).unwrap_or(0);
                seen.flushes += 1;
                for token in tokens.values_mut() {
                    if matches!(token, Token::Written { flushes_begun } if *flushes_begun < number) {
                        *token = Token::Flushed;
                    }
                }
            }
        } else if on_log && !interrupted {
            for token in tokens_in(whole) {
                tokens.entry(token).or_insert(Token::Written { flushes_begun: begun });
            }
        } else if !resumed && let Some((_, answer)) = whole.split_once(&format!("\"{ANSWER}")) {
            seen.answers += 1;
            let token = tokens_in(answer).next().ok_or("an answer without a token")?;
            match tokens.get(token) {
                Some(Token::Flushed) => {}
                other => return Err(format!("{token} was acknowledged and is {other:?}")),
            }
        }
    }
    Ok(seen)
}

/// The tokens in what was written.
fn tokens_in(call: &str) -> impl Iterator<Item = &str> {
    call.match_indices(token::START).filter_map(|(at, _)| {
        let end = call[at..].find(token::END)?;
        Some(&call[at..at + end])
    })
}
