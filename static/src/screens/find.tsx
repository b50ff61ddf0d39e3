import { Empty } from "../ui/notice";
import { Page } from "../ui/page";

export default function Find() {
  return (
    <Page title="Find by link or picture">
      <Empty icon="find" title="Nothing here yet" />
    </Page>
  );
}
