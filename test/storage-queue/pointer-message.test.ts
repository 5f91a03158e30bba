import { describe, expect, it } from 'vitest';
import { messageText } from '../../src/storage-queue/message-text.ts';
import { formatPointer, parsePointer } from '../../src/storage-queue/pointer-message.ts';
import { PROJECT_ID } from '../rename/world.ts';

const POINTER = { projectId: PROJECT_ID, renameId: '8232767999999-aaaaaaaaaa' };

describe('a pointer', () => {
  it('is read back from its message, which is plain ASCII', () => {
    const text = formatPointer(POINTER);
    expect(text).toMatch(/^[\x20-\x7E]+$/);
    expect(parsePointer(text)).toEqual(POINTER);
  });

  it('holds nothing else, whatever the message says', () => {
    const forged = { ...POINTER, caller: { id: 'admin' }, name: 'v1', iterationId: '..', apiVersion: '..' };
    expect(parsePointer(JSON.stringify(forged))).toEqual(POINTER);
  });

  it('has its project in lower case, as the partition has', () => {
    const projectId = 'ABCDEF01-1111-4111-8111-111111111111';
    expect(parsePointer(JSON.stringify({ ...POINTER, projectId }))?.projectId).toBe(projectId.toLowerCase());
  });

  it.each([
    { case: 'not JSON', text: '{' },
    { case: 'a list', text: JSON.stringify([POINTER]) },
    { case: 'null', text: 'null' },
    { case: 'without a project', text: JSON.stringify({ renameId: POINTER.renameId }) },
    { case: 'without a rename', text: JSON.stringify({ projectId: PROJECT_ID }) },
    { case: 'to the partition of all projects', text: JSON.stringify({ ...POINTER, projectId: 'projects' }) },
    { case: 'with a project of dots', text: JSON.stringify({ ...POINTER, projectId: '..' }) },
    { case: 'to another row', text: JSON.stringify({ ...POINTER, renameId: `${PROJECT_ID}|x` }) },
    {
      case: 'with a line end behind the id',
      text: JSON.stringify({ ...POINTER, renameId: `${POINTER.renameId}\n` }),
    },
    { case: 'with ids that are no texts', text: JSON.stringify({ projectId: [PROJECT_ID], renameId: 1 }) },
  ])('is none where the message is $case', ({ text }) => {
    expect(parsePointer(text)).toBeNull();
  });
});

describe('the text of a message', () => {
  it.each(['plain text', '', '{"a":1}'])('is the text that came: %j', (text) => {
    expect(messageText(text)).toBe(text);
  });

  it('is JSON again where the programming model has parsed it', () => {
    expect(messageText(POINTER)).toBe(formatPointer(POINTER));
    expect(messageText(null)).toBe('null');
  });
});
