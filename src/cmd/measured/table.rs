//! Rows of text under their head, for a terminal or a file.

use std::fmt::{self, Display, Write as _};

/// Spaces between two columns.
const GAP: &str = "  ";

/// A column.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Column {
    /// What stands over it.
    title: &'static str,
    /// Its width where no cell is wider, in characters.
    least: usize,
    /// Numbers end at the same place.
    right: bool,
}

impl Column {
    /// A column of words.
    pub(crate) const fn words(title: &'static str, least: usize) -> Self {
        Self { title, least, right: false }
    }

    /// A column of numbers.
    pub(crate) const fn numbers(title: &'static str, least: usize) -> Self {
        Self { title, least, right: true }
    }
}

/// A table. Each column is as wide as its widest cell.
#[derive(Debug)]
pub(crate) struct Table<const N: usize> {
    columns: [Column; N],
    rows: Vec<[String; N]>,
}

impl<const N: usize> Table<N> {
    /// One without rows.
    pub(crate) const fn new(columns: [Column; N]) -> Self {
        Self { columns, rows: Vec::new() }
    }

    /// Adds a row.
    pub(crate) fn row(&mut self, cells: [String; N]) {
        self.rows.push(cells);
    }
}

impl<const N: usize> Display for Table<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let head = self.columns.map(|column| column.title.to_owned());
        let mut widths = self.columns.map(|column| column.least);
        for row in self.rows.iter().chain([&head]) {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.chars().count());
            }
        }
        let titles = Some(&head).filter(|head| head.iter().any(|title| !title.is_empty()));
        for row in titles.into_iter().chain(&self.rows) {
            let mut line = String::new();
            for ((cell, width), column) in row.iter().zip(widths).zip(self.columns) {
                if column.right {
                    write!(line, "{cell:>width$}{GAP}")?;
                } else {
                    write!(line, "{cell:width$}{GAP}")?;
                }
            }
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_what_is_in_them() {
        let mut table = Table::new([Column::words("who", 0), Column::numbers("many", 6)]);
        table.row(["one".to_owned(), "7".to_owned()]);
        table.row(["another".to_owned(), "1,234,567".to_owned()]);
        assert_eq!(table.to_string(), "who           many\none              7\nanother  1,234,567\n");
        let mut bare = Table::new([Column::words("", 0), Column::words("", 5)]);
        bare.row(["a".to_owned(), "b".to_owned()]);
        assert_eq!(bare.to_string(), "a  b\n");
    }
}
