//! The address of those who follow a talk, in the codes of a deck that ask for it.

use std::sync::Arc;

use crate::{Block, Deck, Node, Qr, Slide};

impl Deck {
    /// The same deck with the audience's `address` in each code that is the audience's; none for one where nobody can follow. Its
    /// fingerprint stays, and so does every slide without such a code.
    #[must_use]
    pub fn with_audience(&self, address: Option<&str>) -> Self {
        let code = address.and_then(Qr::of).map_or_else(Qr::audience, Qr::of_audience);
        let filled = |slide: &Arc<Slide>| {
            let mut filled = Slide::clone(slide);
            if nodes(&mut filled.body, &code) { Arc::new(filled) } else { Arc::clone(slide) }
        };
        Self { slides: self.slides.iter().map(filled).collect(), ..self.clone() }
    }
}

/// Changes all of them, and says whether any was changed.
fn each<T>(all: impl IntoIterator<Item = T>, change: impl FnMut(T) -> bool) -> bool {
    all.into_iter().map(change).fold(false, std::ops::BitOr::bitor)
}

/// Puts `code` into the codes of the audience that have another address; says whether there were any.
fn nodes(nodes: &mut [Node], code: &Qr) -> bool {
    each(nodes, |node| block(&mut node.block, code))
}

fn blocks(blocks: &mut [Block], code: &Qr) -> bool {
    each(blocks, |inner| block(inner, code))
}

fn block(block: &mut Block, code: &Qr) -> bool {
    match block {
        Block::Qr(qr) => {
            let other = qr.is_audiences() && qr.address != code.address;
            if other {
                *qr = code.clone();
            }
            other
        }
        Block::List(list) => each(&mut list.items, |item| blocks(&mut item.blocks, code)),
        Block::Alert(_, _, inner) | Block::Quote(inner) | Block::Footnote(_, inner) => blocks(inner, code),
        Block::Definitions(definitions) => {
            let meanings = definitions.iter_mut().flat_map(|definition| &mut definition.meanings);
            each(meanings, |meaning| blocks(meaning, code))
        }
        Block::Columns(columns) => each(&mut columns.columns, |column| nodes(column, code)),
        Block::Heading(..)
        | Block::Paragraph(_)
        | Block::Table(_)
        | Block::Image(_)
        | Block::Code(_)
        | Block::Pane(_)
        | Block::Rule
        | Block::Space(_)
        | Block::Middle => false,
    }
}
