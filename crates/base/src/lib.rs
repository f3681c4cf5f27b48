//! What every part of Greenroom shares, as values: nothing here asks the machine for anything.
//!
//! Moments ([`clock`]), the events of a run ([`run`]) and what gives them ([`source`]), text of strangers made safe
//! to print ([`plain`]), bytes in digits ([`hex`]), what is wrong with a file and where ([`diag`]), a folder's files without the folder
//! ([`files`]), and its sources as text
//! with places ([`text`]).

pub mod clock;
pub mod color;
pub mod counted;
pub mod diag;
pub mod files;
pub mod hex;
pub mod number;
pub mod plain;
pub mod run;
pub mod source;
pub mod text;
