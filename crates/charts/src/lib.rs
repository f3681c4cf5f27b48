//! Benches and probes as their panes show them: values to cells, nothing else.

pub mod bench;
pub mod probe;
mod silent;

pub(crate) use greenroom_base::text::columns;
