/** The slot of a key in a Redis Cluster: CRC-16 (XMODEM) of what is between its first braces, or of all of it. */
import { Buffer } from 'node:buffer'

export const slotCount = 16_384

const table = Uint16Array.from({ length: 256 }, (_, byte) => {
  let crc = byte << 8
  for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x8000 ? (crc << 1) ^ 0x1021 : crc << 1
  return crc & 0xffff
})

export function slotOf(key: string): number {
  const open = key.indexOf('{')
  const close = open < 0 ? -1 : key.indexOf('}', open + 1)
  const hashed = Buffer.from(close > open + 1 ? key.slice(open + 1, close) : key)
  let crc = 0
  for (let index = 0; index < hashed.length; index += 1)
    crc = ((crc << 8) & 0xffff) ^ (table[((crc >> 8) ^ (hashed[index] as number)) & 0xff] as number)
  return crc % slotCount
}
