//! What SQL backends share: bound filters as SQL, the layout of rows.
