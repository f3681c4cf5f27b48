//! The pieces of a deck's Markdown, each read by itself: what a comment asks for, what a fence says about its code, which
//! tags mean something, where braces are figures. `greenroom-parse` puts them on slides.
//!
//! - `comment`, `directive`: HTML comments, and the table of those that are directives
//! - `code`, `exec`, `snippet`: the line that opens a block of code, how the code runs, and code that stands in a file
//! - `html`, `alert`, `super_sub`, `braces`: tags, alerts with titles, scripts and figures within text
//! - `emoji`: `:rocket:` and its kin
//! - `ignored`, `separators`: what would do nothing without a word, and whether `---` ends a slide
//! - `layout`: the layouts that a slide may ask for

pub mod alert;
pub mod braces;
pub mod code;
pub mod comment;
pub mod directive;
pub mod emoji;
pub mod exec;
pub mod html;
pub mod ignored;
pub mod layout;
pub mod link_targets;
pub mod markdown;
pub mod math;
pub mod separators;
pub mod snippet;
pub mod super_sub;
