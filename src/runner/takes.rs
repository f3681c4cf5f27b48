//! The recordings of a demo on disk: the one that plays, and the takes that are kept beside it.
//!
//! What a new recording of `rec/a.cast` replaces becomes `rec/a.1.cast`; the takes before it move up by one, and the
//! last of [`MOST_TAKES`] goes. Nothing but a recording is ever moved or written over, and no recording that the deck
//! itself names: a number whose file plays for another demo is passed over.

use std::collections::BTreeSet;
use std::path::Path;

use crate::talk::{Ending, Kept};
use greenroom_base::files::normalize;
use greenroom_system::disk::beneath::{Draft, Root, Target, WriteError};

/// Takes that are kept of a demo.
pub const MOST_TAKES: u8 = 9;

/// One recording's file in a deck's folder, and its takes.
#[derive(Debug, Clone)]
pub struct Takes {
    current: Target,
    /// Files that are recordings of their own, whatever their names look like.
    others: BTreeSet<String>,
}

impl Takes {
    /// Those of the recording at `path` in the deck in `folder`.
    ///
    /// # Errors
    /// When the path leads out of the folder, or its own folder is not there.
    pub fn of(folder: &Path, path: &str) -> Result<Self, WriteError> {
        let root = Root::open(folder);
        let root = root.map_err(|error| WriteError::System { path: folder.display().to_string(), error })?;
        Ok(Self { current: root.spot(path, false)?, others: BTreeSet::new() })
    }

    /// The same in a deck whose demos have the recordings `named`, none of which is a take.
    #[must_use]
    pub fn apart_from<'a>(mut self, named: impl IntoIterator<Item = &'a str>) -> Self {
        self.others = named.into_iter().filter_map(normalize).collect();
        self
    }

    /// The numbers that takes may have, in their order.
    fn slots(&self) -> Vec<u8> {
        (1..=MOST_TAKES).filter(|number| !self.others.contains(&self.take(*number).path())).collect()
    }

    /// The file that plays.
    #[must_use]
    pub const fn current(&self) -> &Target {
        &self.current
    }

    /// The file of a take: `a.2.cast` beside `a.cast`.
    #[must_use]
    pub fn take(&self, number: u8) -> Target {
        let name = Path::new(self.current.name());
        let stem = name.file_stem().unwrap_or_default().to_string_lossy();
        self.current.sibling(match name.extension() {
            Some(extension) => format!("{stem}.{number}.{}", extension.to_string_lossy()),
            None => format!("{stem}.{number}"),
        })
    }

    /// The numbers of the takes that are there.
    #[must_use]
    pub fn numbers(&self) -> Vec<u8> {
        let mut numbers = self.slots();
        numbers.retain(|number| self.take(*number).is_taken().unwrap_or(false));
        numbers
    }

    /// The recording in `draft` is whole, one of this file: it becomes what `ending` says, and has the number in
    /// [`Kept`]. Without an earlier one it is the demo's.
    ///
    /// # Errors
    /// What the disk says; the earlier recording stays then.
    pub fn end(&self, draft: Draft, ending: Ending) -> Result<Kept, WriteError> {
        if !self.current.is_taken()? {
            draft.keep()?;
            return Ok(Kept::Current(None));
        }
        match ending {
            Ending::Dropped => Ok(Kept::Dropped),
            Ending::Aside => {
                let number = self.make_room()?;
                draft.keep_as(&self.take(number))?;
                Ok(Kept::Aside(number))
            }
            Ending::Replaces => {
                self.current.may_be_recorded()?;
                // There is a recording at every moment: the earlier one has two names until the new one takes its place.
                let number = self.make_room()?;
                let take = self.take(number);
                if self.current.link(&take).is_err() {
                    self.current.rename(&take)?;
                }
                draft.keep()?;
                Ok(Kept::Current(Some(number)))
            }
        }
    }

    /// The names that change when a new recording replaces the one that plays, in their order.
    ///
    /// # Errors
    /// What the disk says.
    pub fn moves(&self) -> Result<Vec<(Target, Target)>, WriteError> {
        if !self.current.is_taken()? {
            return Ok(Vec::new());
        }
        let up = self.up();
        let mut moves: Vec<(Target, Target)> = up
            .windows(2)
            .rev()
            .filter_map(|pair| Some((self.take(*pair.first()?), self.take(*pair.last()?))))
            .collect();
        moves.extend(up.first().map(|first| (self.current.clone(), self.take(*first))));
        Ok(moves)
    }

    /// The numbers up to the first that is free; all of them when none is.
    fn up(&self) -> Vec<u8> {
        let mut up = self.slots();
        let free = |number: &u8| !self.take(*number).is_taken().unwrap_or(true);
        if let Some(gap) = up.iter().position(free) {
            up.truncate(gap + 1);
        }
        up
    }

    /// Frees the first number: the takes up to the first gap move up by one; without a gap the last one goes.
    fn make_room(&self) -> Result<u8, WriteError> {
        let up = self.up();
        for number in &up {
            self.take(*number).may_be_recorded()?;
        }
        for pair in up.windows(2).rev() {
            if let [from, to] = pair {
                self.take(*from).rename(&self.take(*to))?;
            }
        }
        // The deck has given every number to a demo of its own.
        up.first().copied().ok_or_else(|| WriteError::NoRecording(self.take(1).path()))
    }

    /// Makes take `number` the recording that plays; what played before has that number then.
    ///
    /// # Errors
    /// When one of them is there and is no recording, the number is not a take's, or the disk says no.
    pub fn restore(&self, number: u8) -> Result<(), WriteError> {
        let take = self.take(number);
        if !self.slots().contains(&number) {
            return Err(WriteError::NoRecording(take.path()));
        }
        // A take that is not there cannot be read either.
        take.read()?;
        take.may_be_recorded()?;
        if !self.current.is_taken()? {
            return take.rename(&self.current);
        }
        self.current.may_be_recorded()?;
        if take.exchange(&self.current).is_ok() {
            return Ok(());
        }
        // Where two names cannot be exchanged at once, the one that played has two for a moment.
        let aside = self.current.draft()?;
        let aside = aside.part();
        aside.remove()?;
        if self.current.link(aside).is_err() {
            self.current.rename(aside)?;
        }
        take.rename(&self.current)?;
        aside.rename(&take)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use greenroom_system::disk::beneath;

    fn tape(name: &str) -> String {
        format!("{{\"version\":3,\"term\":{{\"cols\":40,\"rows\":5}},\"title\":\"{name}\"}}\n")
    }

    fn recorded(folder: &Path, name: &str, ending: Ending) -> Kept {
        let mut draft = beneath::record(folder, "rec/a.cast").unwrap();
        draft.add(tape(name).as_bytes()).unwrap();
        Takes::of(folder, "rec/a.cast").unwrap().end(draft, ending).unwrap()
    }

    /// The recordings in their order, the one that plays first, and that nothing else is there.
    fn there(folder: &Path) -> Vec<String> {
        let takes = Takes::of(folder, "rec/a.cast").unwrap();
        let spots: Vec<Target> = std::iter::once(takes.current.clone())
            .chain(takes.numbers().iter().map(|n| takes.take(*n)))
            .collect();
        assert_eq!(fs::read_dir(folder.join("rec")).unwrap().count(), spots.len());
        let title = |spot: &Target| {
            let text = fs::read_to_string(folder.join(spot.path())).unwrap();
            text.split('"').nth_back(1).unwrap().to_owned()
        };
        spots.iter().map(title).collect()
    }

    #[test]
    fn an_earlier_recording_is_kept_numbered_and_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        assert_eq!(recorded(folder, "one", Ending::Replaces), Kept::Current(None));
        assert_eq!(recorded(folder, "two", Ending::Replaces), Kept::Current(Some(1)));
        assert_eq!(recorded(folder, "bad", Ending::Dropped), Kept::Dropped);
        assert_eq!(recorded(folder, "aside", Ending::Aside), Kept::Aside(1));
        assert_eq!(there(folder), ["two", "aside", "one"]);
        let takes = Takes::of(folder, "rec/a.cast").unwrap();
        takes.restore(2).unwrap();
        assert_eq!(there(folder), ["one", "aside", "two"]);
        assert!(takes.restore(7).is_err());
        assert_eq!(there(folder), ["one", "aside", "two"]);
        fs::remove_file(folder.join("rec/a.cast")).unwrap();
        takes.restore(1).unwrap();
        assert_eq!(there(folder), ["aside", "two"]);
    }

    #[test]
    fn the_takes_are_bounded_and_the_recording_is_never_among_those_that_go() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        recorded(folder, "good", Ending::Replaces);
        for number in 0..30 {
            recorded(folder, &number.to_string(), Ending::Aside);
        }
        let there = there(folder);
        assert_eq!((there.len(), &*there[0], &*there[1], &*there[9]), (10, "good", "29", "21"));
    }

    #[test]
    fn a_first_recording_stays_however_its_run_ended_and_no_other_file_is_moved() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        assert_eq!(recorded(folder, "cut off", Ending::Dropped), Kept::Current(None));
        fs::write(folder.join("rec/a.1.cast"), "a person's own").unwrap();
        let mut draft = beneath::record(folder, "rec/a.cast").unwrap();
        draft.add(tape("new").as_bytes()).unwrap();
        assert!(Takes::of(folder, "rec/a.cast").unwrap().end(draft, Ending::Replaces).is_err());
        assert_eq!(fs::read_to_string(folder.join("rec/a.1.cast")).unwrap(), "a person's own");
        assert_eq!(fs::read_to_string(folder.join("rec/a.cast")).unwrap(), tape("cut off"));
        assert_eq!(fs::read_dir(folder.join("rec")).unwrap().count(), 2);
    }
    #[test]
    fn a_recording_of_another_demo_is_no_take_whatever_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let folder = folder.path();
        recorded(folder, "one", Ending::Replaces);
        let path = |number: u8| folder.join(format!("rec/a.{number}.cast"));
        for number in [1, 3] {
            fs::write(path(number), tape("another's")).unwrap();
        }
        let takes = Takes::of(folder, "rec/a.cast").unwrap();
        let takes = takes.apart_from(["rec/a.cast", "./rec/a.1.cast", "rec/a.3.cast"]);
        for (name, moves) in [("two", 1), ("three", 2), ("four", 3)] {
            assert_eq!(takes.moves().unwrap().len(), moves);
            let mut draft = beneath::record(folder, "rec/a.cast").unwrap();
            draft.add(tape(name).as_bytes()).unwrap();
            assert_eq!(takes.end(draft, Ending::Replaces).unwrap(), Kept::Current(Some(2)));
        }
        assert_eq!(takes.numbers(), [2, 4, 5]);
        assert!([1, 3].iter().all(|number| takes.restore(*number).is_err()));
        takes.restore(5).unwrap();
        for (number, name) in [(1, "another's"), (2, "three"), (3, "another's"), (4, "two"), (5, "four")] {
            assert_eq!(fs::read_to_string(path(number)).unwrap(), tape(name), "{number}");
        }
        let all: Vec<String> = (1..=MOST_TAKES).map(|number| format!("rec/a.{number}.cast")).collect();
        let takes = takes.apart_from(all.iter().map(String::as_str));
        let draft = beneath::record(folder, "rec/a.cast").unwrap();
        assert!(takes.end(draft, Ending::Replaces).is_err());
        assert_eq!(fs::read_to_string(folder.join("rec/a.cast")).unwrap(), tape("one"));
    }
}
