/**
 * A folder for the files of all tests of a `describe`.
 * In: called inside it. Out: before its first test an empty folder is there, after its last, it is gone.
 */
import { makeTempFolder, removeTempFolder, type TempFolder } from './temp-folder.js';

export function tempFolderForAll(): TempFolder {
  let path: string | null = null;
  before(() => {
    path = makeTempFolder();
  });
  after(() => {
    if (path !== null) removeTempFolder(path);
    path = null;
  });
  return {
    get path() {
      if (path === null) throw new Error('the temp folder is there during the tests only');
      return path;
    },
  };
}
