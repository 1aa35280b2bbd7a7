/** Data sets in the form of MNIST, in folders named as torchvision names them: other images that bounce as digits do. */

import { basename, dirname, join, resolve } from 'node:path'
import { mismatch } from '../errors.js'
import type { GreyImages } from '../data/digits.js'
import { transposedImages } from '../data/idx.js'
import { findFile, requireFile, type Wanted } from '../io/archive.js'
import { oneLine } from '../io/files.js'
import { imagesIn, withValidation, type Images, type Loaded } from './datasets.js'

/** Images, and what they are for people. */
export interface Kin extends Loaded<GreyImages> {
  readonly title: string
}

interface Kind {
  /** of the folder */
  readonly name: string
  /** beginnings of the names of the files for training and for the test; of several the first that is there is taken */
  readonly files: readonly (readonly [train: string, test: string])[]
  /** rows and columns stand the other way round */
  readonly transposed?: true
  readonly source: string
}

/** The parts of EMNIST, which may all lie in one folder. */
const SPLITS = ['letters', 'balanced', 'byclass', 'bymerge', 'digits', 'mnist']

const KINDS: readonly Kind[] = [
  {
    name: 'FashionMNIST',
    files: [['train', 't10k']],
    source: 'Fashion-MNIST is at https://github.com/zalandoresearch/fashion-mnist',
  },
  { name: 'KMNIST', files: [['train', 't10k']], source: 'KMNIST is at http://codh.rois.ac.jp/kmnist/' },
  {
    name: 'EMNIST',
    files: SPLITS.map((split) => [`emnist-${split}-train`, `emnist-${split}-test`]),
    transposed: true,
    source: 'EMNIST is at https://www.nist.gov/itl/products-and-services/emnist-dataset',
  },
]

const wanted = (begin: string, folder = ''): Wanted => ({
  names: [`${begin}-images-idx3-ubyte`, `${begin}-images.idx3-ubyte`],
  folders: [folder],
})

/** Where the files of a kind are, and which of them. */
interface Found {
  readonly kind: Kind
  readonly folder: string
  readonly files: Kind['files'][number]
}

const foundIn = (folder: string, kind: Kind): Found | undefined => {
  const files = kind.files.find(([train]) => findFile(folder, wanted(train)) !== undefined)
  return files && { kind, folder, files }
}

/** The kind whose name a folder, or the one around its `raw`, has. */
const kindOf = (data: string): Kind | undefined => {
  const path = resolve(data)
  const name = basename(path).toLowerCase() === 'raw' ? basename(dirname(path)) : basename(path)
  return KINDS.find((kind) => kind.name.toLowerCase() === name.toLowerCase())
}

const MNIST_ITSELF: readonly Wanted[] = ['mnist', 'MNIST/raw', ''].map((folder) => wanted('train', folder))

/**
 * The images of a folder that is one of the kin of MNIST, or has one of them and not MNIST itself; undefined where there are none.
 * @throws FileError where it has several, or a file is none
 */
export const kinIn = (data: string): Kin | undefined => {
  const found = named(data) ?? within(data)
  if (!found) return undefined
  const { kind, folder, files } = found
  const [train, test] = files.map((begin) => {
    const { images, file } = imagesIn(requireFile(folder, wanted(begin), kind.source))
    return { images: kind.transposed ? transposedImages(images) : images, file }
  }) as [Images, Images]
  const split = /^emnist-(\w+)-/.exec(files[0])?.[1]
  const name = split === undefined ? kind.name : `${kind.name} ${split}`
  const title = `${name}, ${train.images.count} images and ${test.images.count} for the test`
  return { title, files: [train.file, test.file], ...withValidation(train.images, test.images) }
}

const foldersOf = (data: string): readonly string[] => [join(data, 'raw'), data]

const isFolder = (data: string, name: string): boolean => findFile(data, { names: [name], folders: [''] }) !== undefined

const named = (data: string): Found | undefined => {
  const kind = kindOf(data)
  const folders = foldersOf(data).filter((folder) => folder === data || isFolder(data, 'raw'))
  return kind && folders.map((folder) => foundIn(folder, kind)).find((found) => found !== undefined)
}

const within = (data: string): Found | undefined => {
  if (MNIST_ITSELF.some((files) => findFile(data, files) !== undefined)) return undefined
  const all = KINDS.filter(({ name }) => isFolder(data, join(name, 'raw'))).flatMap(
    (kind) => foundIn(join(data, kind.name, 'raw'), kind) ?? [],
  )
  if (all.length <= 1) return all[0] ?? foundIn(data, KINDS.at(-1)!)
  const names = all.map(({ kind }) => kind.name).join(', ')
  throw mismatch('FileError', oneLine(data), 'one data set in the form of MNIST', names, 'give the folder of one of them')
}
