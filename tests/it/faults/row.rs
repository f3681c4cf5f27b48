//! What a row of the table is: data alone. The mechanics are in `trial`.

use super::pty::{Manner, SIZE};

/// A failure at a place, and what is expected of Greenroom then.
pub(super) struct Row {
    /// The name of its test.
    pub name: &'static str,
    /// What is broken, as the book says it.
    pub fault: &'static str,
    /// Where.
    pub place: &'static str,
    /// The demos of its deck, in YAML.
    pub demos: &'static str,
    /// The slides of its deck.
    pub slides: &'static str,
    /// Other files, by their path in the trial's home. `.sh` makes one that can be run.
    pub files: &'static [(&'static str, &'static str)],
    /// What is typed into a shell.
    pub line: &'static str,
    /// Variables of its environment. Nothing takes one out.
    pub env: &'static [(&'static str, &'static str)],
    /// How its terminal behaves.
    pub terminal: Manner,
    /// Its columns and rows.
    pub size: (u16, u16),
    /// The folder that is a disk of 512 KiB.
    pub disk: Option<&'static str>,
    /// Programs without which it cannot be tried.
    pub needs: &'static [&'static str],
    /// What happens, the fault included.
    pub steps: &'static [Do],
    /// How the person is told.
    pub told: Told,
    /// How it goes on.
    pub goes_on: GoesOn,
    /// What must be there afterwards, besides the deck as it was.
    pub kept: &'static [Kept],
    /// Files of the deck that the trial itself changes.
    pub changed: &'static [&'static str],
}

/// One thing that happens.
#[derive(Debug)]
pub(super) enum Do {
    /// Keys are pressed on the stage.
    Press(&'static str),
    /// The stage shows this.
    See(&'static str),
    /// Its commands are agreed to.
    Agree,
    /// These processes are killed at one moment.
    Kill(&'static [Role]),
    /// A file or a folder is removed.
    Remove(&'static str),
    /// The disk with this folder is filled.
    Fill(&'static str),
    /// There is room on it again.
    Free(&'static str),
    /// The terminal becomes another one.
    Resize(u16, u16),
    /// It changes its size so often, as fast as it goes.
    Resizes(u16),
    /// A file of the deck is saved so often, as fast as it goes, and at last as it is here.
    Saves(&'static str, u32, &'static str),
    /// The time of day jumps by so many seconds.
    Clock(i64),
    /// The stage gets no more of this than it has, and so much.
    Limit(Resource, u64),
    /// The terminal is closed.
    HangUp,
    /// The terminal sends this.
    Send(&'static str),
    /// A port is taken by somebody else; `PORT` in lines and files is its number.
    TakePort,
    /// A presenter view is opened in another terminal.
    Follow,
    /// It shows this.
    ViewSees(&'static str),
    /// So many milliseconds pass in which nothing happens.
    Pause(u64),
    /// The place of the talk is this slide, counted from 1: it is written a moment after a key.
    Remembered(u32),
    /// Nothing has this name.
    Gone(&'static str),
}

/// A process of a talk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Keeper,
    Stage,
    Guard,
    Bench,
    View,
}

/// What a process may have so much of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Resource {
    /// In bytes.
    Memory,
    /// The size of a file, in bytes.
    FileSize,
}

/// How the person is told.
pub(super) enum Told {
    /// The stage shows all of this.
    OnScreen(&'static [&'static str]),
    /// The shell's terminal shows it when the talk has ended.
    AtEnd(&'static [&'static str]),
    /// The presenter view shows it.
    InView(&'static [&'static str]),
    /// There is nothing to tell, for this reason.
    NotNeeded(&'static str),
}

/// How it goes on.
pub(super) enum GoesOn {
    /// The next slide comes by key, and the talk is left by key.
    NextSlide,
    /// The fault ends the talk (with this status, where a shell is there to see it). The terminal is as before, and the talk goes on at its slide when this
    /// line is typed.
    TakenUp { status: &'static str, line: &'static str },
    /// The command ends with this status. After this has been done, and with this line, it does its work.
    Again { status: &'static str, then: &'static [Do], line: &'static str },
}

/// What must be there afterwards.
pub(super) enum Kept {
    /// The talk's place: this slide, counted from 1.
    Place(u32),
    /// So many slides of a practice, none of them longer than the trial was.
    Practice(usize),
    /// A file with this in it.
    File(&'static str, &'static str),
    /// Nothing by this name.
    NoFile(&'static str),
}

/// The deck of most rows: on the slide that the talk begins with, a pane; after it, another slide.
pub(super) const SLIDES: &str = "# Slide\n\n```pane\ndemo: a\n```\n\n---\n\n# After\n\nThe talk goes on.\n";

/// A program that says that it is there, and stays.
pub(super) const STAYS: &str = "  a: {command: [sh, -c, 'echo it runs; exec sleep 1000']}";

/// What a row has when nothing else is said.
pub(super) const PLAIN: Row = Row {
    name: "",
    fault: "",
    place: "the stage",
    demos: STAYS,
    slides: SLIDES,
    files: &[],
    line: "greenroom deck --slide 3",
    env: &[],
    terminal: Manner::Usual,
    size: SIZE,
    disk: None,
    needs: &[],
    steps: &[],
    told: Told::NotNeeded("nothing is wrong for the person"),
    goes_on: GoesOn::NextSlide,
    kept: &[Kept::Place(4)],
    changed: &[],
};

/// Makes a table of rows, and a test of each.
macro_rules! rows {
    ($($name:ident { $($body:tt)* })*) => {
        pub(super) const ROWS: &[$crate::faults::row::Row] = &[
            $($crate::faults::row::Row { name: stringify!($name), $($body)* ..$crate::faults::row::PLAIN }),*
        ];

        $(
            #[test]
            fn $name() {
                $crate::faults::trial::run(ROWS, concat!(module_path!(), "::", stringify!($name)));
            }
        )*
    };
}
pub(super) use rows;
