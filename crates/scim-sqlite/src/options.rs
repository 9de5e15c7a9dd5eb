//! How a store is opened.

use std::num::NonZeroUsize;
use std::time::Duration;

/// Options of a [`SqliteStore`](crate::SqliteStore); the defaults suit a server.
#[derive(Clone, Debug)]
pub struct SqliteOptions {
    pub(crate) flushed: bool,
    pub(crate) readers: usize,
    pub(crate) queue: usize,
    pub(crate) group: usize,
    pub(crate) time_limit: Duration,
    pub(crate) busy_timeout: Duration,
    pub(crate) reader_cache: usize,
    pub(crate) writer_cache: usize,
}

impl Default for SqliteOptions {
    fn default() -> Self {
        let cores = std::thread::available_parallelism().map_or(2, NonZeroUsize::get);
        Self {
            flushed: true,
            readers: cores.clamp(2, 8),
            queue: 256,
            group: 128,
            time_limit: Duration::from_secs(5),
            busy_timeout: Duration::from_secs(5),
            reader_cache: 8 << 20,
            writer_cache: 16 << 20,
        }
    }
}

impl SqliteOptions {
    /// How many threads run long reads; 2 to 8 by default, one for each core.
    #[must_use]
    pub fn with_readers(mut self, threads: usize) -> Self {
        self.readers = threads.max(1);
        self
    }

    /// How many commits may wait for the writer before callers are held up; 256 by default.
    #[must_use]
    pub fn with_queue(mut self, commits: usize) -> Self {
        self.queue = commits.max(1);
        self
    }

    /// How many waiting commits share one flush at most; 128 by default.
    #[must_use]
    pub fn with_group(mut self, commits: usize) -> Self {
        self.group = commits.max(1);
        self
    }

    /// How long a read may take before it is given up as too slow; 5 s by default.
    #[must_use]
    pub fn with_time_limit(mut self, limit: Duration) -> Self {
        self.time_limit = limit;
        self
    }

    /// How long to wait for another process that writes to the file; 5 s by default.
    #[must_use]
    pub fn with_busy_timeout(mut self, timeout: Duration) -> Self {
        self.busy_timeout = timeout;
        self
    }

    /// How many bytes of pages each reading connection and the writer keep; 8 and 16 MiB by default.
    #[must_use]
    pub fn with_caches(mut self, reader: usize, writer: usize) -> Self {
        self.reader_cache = reader;
        self.writer_cache = writer;
        self
    }

    /// Answers before the data are flushed: what was acknowledged may be lost with the power.
    #[cfg(feature = "unflushed")]
    #[must_use]
    pub fn without_flushes(mut self) -> Self {
        self.flushed = false;
        self
    }
}
